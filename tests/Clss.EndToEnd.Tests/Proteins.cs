using System.Text;

namespace Clss.EndToEnd.Tests;

/// <summary>Small inputs for runs of the program.</summary>
internal static class Proteins
{
    public const string Hemoglobin =
        "VLSPADKTNVKAAWGKVGAHAGEYGAEALERMFLSFPTTKTYFPHFDLSHGSAQVKGHGKKVADALTNAVAHVDDMPNALSALSDLHAHKLRVDPVNFKLLSHCLLVTLAAHLPAEFTPAVHASLDKFLASVSTVLTSKYR";

    public const string Ubiquitin = "MQIFVKTLTGKTITLEVEPSDTIENVKAKIQDKEGIPPDQQRLIFAGKQLEDGRTLSDYNIQKESTLHLVLRLRGG";

    public const string Lysozyme =
        "KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSSDITASVNCAKKIVSDGNGMNAWVAWRNRCKGTDVQAWIRGCRL";

    /// <summary>Three well-known proteins with headers of three styles.</summary>
    public const string Three =
        $">sp|P69905|HBA_HUMAN Hemoglobin subunit alpha OS=Homo sapiens OX=9606 GN=HBA1 PE=1 SV=2\n{Hemoglobin}\n"
        + $">ubiquitin human ubiquitin\n{Ubiquitin}\n>d193la_ d.2.1.2 (A:) Lysozyme {{Chicken (Gallus gallus) [TaxId: 9031]}}\n{Lysozyme}\n";

    /// <summary>FASTA text of random proteins; the same for the same seed.</summary>
    public static string Random(int count, int minLength, int maxLength, int seed)
    {
        const string Residues = "ACDEFGHIKLMNPQRSTVWY";
        var random = new Random(seed);
        var text = new StringBuilder();
        for (int i = 0; i < count; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $">protein{i}\n");
            int length = random.Next(minLength, maxLength + 1);
            for (int j = 0; j < length; j++)
            {
                text.Append(Residues[random.Next(Residues.Length)]);
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
