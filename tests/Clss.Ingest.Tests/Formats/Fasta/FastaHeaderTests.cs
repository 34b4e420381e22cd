using Clss.Index;
using Clss.Ingest.Formats.Fasta.Headers;

namespace Clss.Ingest.Tests.Formats.Fasta;

public class FastaHeaderTests
{
    [Theory]
    [InlineData(
        "sp|P18355|YPFU_ECOLI Uncharacterized protein in traD-traI intergenic region OS=Escherichia coli (strain K12) OX=83333 PE=3 SV=1",
        "P18355",
        "uniprot_accession=P18355;uniprot_entry=YPFU_ECOLI;uniprot_reviewed=true;protein_name=Uncharacterized protein in traD-traI intergenic region;organism=Escherichia coli (strain K12);taxonomy_id=83333;protein_existence=3;sequence_version=1")]
    [InlineData(
        "tr|B1XAE9|B1XAE9_ECODH Lipoprotein OS=Escherichia coli (strain K12 / DH10B) GN=nlpB PE=4 SV=1 Split=0 ",
        "B1XAE9",
        "uniprot_accession=B1XAE9;uniprot_entry=B1XAE9_ECODH;uniprot_reviewed=false;protein_name=Lipoprotein;organism=Escherichia coli (strain K12 / DH10B);gene=nlpB;protein_existence=4;sequence_version=1")]
    [InlineData(
        "sp|Q4R572-2|1433B_MACFA Isoform Short of 14-3-3 protein beta/alpha OS=Macaca fascicularis OX=9541 GN=YWHAB",
        "Q4R572-2",
        "uniprot_accession=Q4R572;uniprot_entry=1433B_MACFA;uniprot_reviewed=true;isoform=2;protein_name=Isoform Short of 14-3-3 protein beta/alpha;organism=Macaca fascicularis;taxonomy_id=9541;gene=YWHAB")]
    [InlineData("sp|P33166|EFTU_BACSU Elongation factor Tu;", "P33166", "uniprot_accession=P33166;uniprot_entry=EFTU_BACSU;uniprot_reviewed=true;protein_name=Elongation factor Tu;")]
    [InlineData("UniRef50_UPI0003108055", "UniRef50_UPI0003108055", "")]
    [InlineData(
        "UniRef50_Q9K794 Putative AgrB-like protein n=2 Tax=Bacillus TaxID=1386 RepID=AGRB_BACHD",
        "UniRef50_Q9K794",
        "protein_name=Putative AgrB-like protein;organism=Bacillus;taxonomy_id=1386")]
    [InlineData(
        "AFDB:AF-A0A2L2JPH6-F1 Uncharacterized protein UA=A0A2L2JPH6 UI=A0A2L2JPH6_9NOCA OS=Nocardia cyriacigeorgica OX=135487 GN=C5B73_08745",
        "AF-A0A2L2JPH6-F1",
        "alphafold_entry=AF-A0A2L2JPH6-F1;protein_name=Uncharacterized protein;organism=Nocardia cyriacigeorgica;taxonomy_id=135487;gene=C5B73_08745;uniprot_accession=A0A2L2JPH6;uniprot_entry=A0A2L2JPH6_9NOCA")]
    [InlineData("AF-A0A000-F1-model_v4_TED01", "AF-A0A000-F1-model_v4_TED01", "alphafold_entry=AF-A0A000-F1;uniprot_accession=A0A000")]
    [InlineData("AF-hello", "AF-hello", "")]
    [InlineData("cath|4_3_0|12asA00/4-330", "12asA00", "cath_domain=12asA00;cath_version=4.3.0;cath_range=4-330;pdb=12as")]
    [InlineData("cath|4_3_0|1cnsA01/1-87_146-243", "1cnsA01", "cath_domain=1cnsA01;cath_version=4.3.0;cath_range=1-87_146-243;pdb=1cns")]
    [InlineData("cath|4_3_0|107lA00_1-162", "107lA00", "cath_domain=107lA00;cath_version=4.3.0;cath_range=1-162;pdb=107l")]
    [InlineData("000000267|e1udzA1|1.1.1.28|A:203-381", "e1udzA1", "ecod_uid=000000267;ecod_domain_id=e1udzA1;ecod_f_id=1.1.1.28;ecod_x=1;ecod_h=1.1;ecod_t=1.1.1;ecod_f=1.1.1.28;pdb=1udz")]
    [InlineData("1|e1hvcA1|1.1.1.3", "e1hvcA1", "ecod_uid=000000001;ecod_domain_id=e1hvcA1;ecod_f_id=1.1.1.3;ecod_x=1;ecod_h=1.1;ecod_t=1.1.1;ecod_f=1.1.1.3;pdb=1hvc")]
    [InlineData(
        "e2nmzA1 uid:0 range:A:1-99 assignment:1.1.1",
        "e2nmzA1",
        "ecod_uid=000000000;ecod_range=A:1-99;ecod_domain_id=e2nmzA1;ecod_f_id=1.1.1;ecod_x=1;ecod_h=1.1;ecod_t=1.1.1;pdb=2nmz")]
    [InlineData(
        "ECOD_000098134_e1ez4D2 | 2003.1.1.40 | 1EZ4 D:16-162 | A: a/b three-layered sandwiches, X: Rossmann-like, H: Rossmann-related, T: NAD(P)-binding Rossmann-fold domains, F: Ldh_1_N | Protein: LACTATE DEHYDROGENASE",
        "e1ez4D2",
        "ecod_uid=000098134;ecod_domain_id=e1ez4D2;ecod_f_id=2003.1.1.40;ecod_x=2003;ecod_h=2003.1;ecod_t=2003.1.1;ecod_f=2003.1.1.40;pdb=1ez4;ecod_range=D:16-162;ecod_architecture=a/b three-layered sandwiches;ecod_x_name=Rossmann-like;ecod_h_name=Rossmann-related;ecod_t_name=NAD(P)-binding Rossmann-fold domains;ecod_f_name=Ldh_1_N;protein_name=LACTATE DEHYDROGENASE")]
    [InlineData(
        "ECOD_002466247_e6n4vUB2 | 265.1.1.2 | 6N4V UB:128-258 | A: a+b two layers, X: NO_X_NAME, H: NO_H_NAME, T: RNA bacteriophage, capsid: protein, F: Phage_coat | Protein: Coat protein",
        "e6n4vUB2",
        "ecod_uid=002466247;ecod_domain_id=e6n4vUB2;ecod_f_id=265.1.1.2;ecod_x=265;ecod_h=265.1;ecod_t=265.1.1;ecod_f=265.1.1.2;pdb=6n4v;ecod_range=UB:128-258;ecod_architecture=a+b two layers;ecod_t_name=RNA bacteriophage, capsid: protein;ecod_f_name=Phage_coat;protein_name=Coat protein")]
    [InlineData(
        "d1dlwa_ a.1.1.1 (A:) Protozoan/bacterial hemoglobin {Ciliate (Paramecium caudatum) [TaxId: 5885]}",
        "d1dlwa_",
        "scope_sccs=a.1.1.1;scope_class=a;scope_fold=a.1;scope_superfamily=a.1.1;scope_family=a.1.1.1;pdb=1dlw;scope_range=A:;protein_name=Protozoan/bacterial hemoglobin;taxonomy_id=5885;organism=Ciliate (Paramecium caudatum)")]
    [InlineData("d5hw3a1 e.3.1.0", "d5hw3a1", "scope_sccs=e.3.1.0;scope_class=e;scope_fold=e.3;scope_superfamily=e.3.1;scope_family=e.3.1.0;pdb=5hw3")]
    [InlineData("d1cqxa1 a.1.1.2 (A:1-150,A:170-200)", "d1cqxa1", "scope_sccs=a.1.1.2;scope_class=a;scope_fold=a.1;scope_superfamily=a.1.1;scope_family=a.1.1.2;pdb=1cqx;scope_range=A:1-150,A:170-200")]
    [InlineData(
        "gi|284812301|gb|AAP57076.2| DNA polymerase III beta subunit DnaN [Mycoplasma gallisepticum str. R(low)]",
        "AAP57076.2",
        "ncbi_accession=AAP57076.2;protein_name=DNA polymerase III beta subunit DnaN;organism=Mycoplasma gallisepticum str. R(low)")]
    [InlineData(
        "WP_066841281.1 MULTISPECIES: methionine adenosyltransferase [[Clostridium] symbiosum] >OBF96983.1 other [Mycobacterium sp.]",
        "WP_066841281.1",
        "ncbi_accession=WP_066841281.1;protein_name=MULTISPECIES: methionine adenosyltransferase;organism=[Clostridium] symbiosum")]
    [InlineData("RJP93937.1 hypothetical protein C4518_04935 [Desulfobacteraceae bacterium]\u0001XYZ12345.1 b [C]", "RJP93937.1", "ncbi_accession=RJP93937.1;protein_name=hypothetical protein C4518_04935;organism=Desulfobacteraceae bacterium")]
    [InlineData("pdb|1ABC|A some chain", "1ABC_A", "pdb=1abc;protein_name=some chain")]
    [InlineData("lcl|mine a thing", "mine", "protein_name=a thing")]
    [InlineData("gi|239758|bbs|68379 glucocorticoid receptor,  GR [human, Peptide Partial, 394 aa]", "gi|239758|bbs|68379", "")]
    [InlineData("CYS1_DICDI fragment", "CYS1_DICDI", "")]
    [InlineData("AK1H_ECOLI/114-431 DESCRIPTION HERE", "AK1H_ECOLI/114-431", "")]
    [InlineData("sp||", "sp||", "")]
    [InlineData("|||", "|||", "")]
    [InlineData("my.protein.1 e.g. a test", "my.protein.1", "")]
    public void Parse_KnownStyle_GivesKeyAndFields(string header, string key, string fields)
    {
        FastaHeader parsed = FastaHeader.Parse(header);
        Assert.Equal(key, parsed.Key);
        Assert.Equal(fields, string.Join(';', parsed.Fields.Select(pair => $"{pair.Key}={pair.Value}")));
        Dictionary<string, ColumnType> types = DomainSchema.Columns.ToDictionary(column => column.Name, column => column.Type);
        Assert.All(parsed.Fields, pair => Assert.Equal(types[pair.Key].ToString(), pair.Value.Kind.ToString()));
    }

    [Fact]
    public void Parse_AnyText_HasAKeyAndDoesNotThrow()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string[] pieces = ["sp|", "tr|", "gi|", "gb|", "cath|", "ECOD_", "AF-", "AFDB:", "d1dlwa_", " a.1.1.1", " (", ")", "{", "[TaxId:", "]", "|", " | ", "A: ", ", X: ", "OS=", " OX=", " uid:", " assignment:", "1.1.1", "-F1", "/", "_", "12asA00", "\u0001", " >", ".", "9"];
        for (int round = 0; round < 20_000; round++)
        {
            string header = "x" + string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => pieces[random.Next(pieces.Length)]));
            header = random.Next(2) == 0 ? header[1..] : header;
            if (header.Trim().Length > 0)
            {
                Assert.NotEmpty(FastaHeader.Parse(header).Key);
            }
        }
    }
}
