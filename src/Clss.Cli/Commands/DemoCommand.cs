using System.CommandLine;
using System.Globalization;
using System.Reflection;
using Clss.Cli.Output;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Sources;
using Clss.Query;

namespace Clss.Cli.Commands;

/// <summary>
/// <c>clss demo</c>: the main job on data that comes with the program: a database of ECOD domains is built, domains that are not
/// in it are searched, and the hits are shown with their classification.
/// </summary>
internal static class DemoCommand
{
    private const string DomainsFile = "domains.fasta";
    private const string QueriesFile = "queries.fasta";
    private const int HitsPerQuery = 5;
    private const int MaxName = 22;
    private const int MaxGroup = 21;

    public static Command Create(GlobalOptions global)
    {
        var keep = new Option<string?>("--keep")
        {
            Description = "Keep the FASTA files, the database and the hits in this folder.",
            HelpName = "DIR",
        };
        var command = new Command("demo") { keep };
        command.SetAction(async (parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            string? kept = parse.GetValue(keep);
            string folder = kept ?? Directory.CreateTempSubdirectory("clss-demo-").FullName;
            try
            {
                return await RunAsync(session, folder, kept, cancellationToken);
            }
            finally
            {
                if (kept is null)
                {
                    Directory.Delete(folder, recursive: true);
                }
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(Session session, string folder, string? kept, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        string domains = Extract(folder, "ecod-domains.fasta", DomainsFile);
        string queries = Extract(folder, "ecod-queries.fasta", QueriesFile);
        string database = Path.Combine(folder, "domains");
        string hits = Path.Combine(folder, "hits.tsv");
        // Its steps say nothing of their own but errors: the demo tells what they do.
        Session quiet = session with { Json = false, Messages = new Messages(Console.Error, verbosity: 0) };

        session.Messages.Info($"1. embed real protein domains into a database   (clss createdb {DomainsFile} domains)");
        await new CreateDbRun { Inputs = [domains], Database = database, Overwrite = true }.EmbedAsync(quiet, cancellationToken);
        session.Messages.Info(string.Create(CultureInfo.InvariantCulture, $"   {Count(database):N0} domains, {(DateTimeOffset.UtcNow - session.Started).TotalSeconds:0.0} s"));
        session.Messages.Info($"2. search domains that are not in it            (clss search {QueriesFile} domains hits.tsv -k {HitsPerQuery})");
        int status = await new SearchRun { Query = queries, Output = hits, K = HitsPerQuery }.ExecuteAsync(quiet, database, cancellationToken);
        if (status != ExitCode.Done)
        {
            return status;
        }

        if (session.Json)
        {
            return await new SearchRun { Query = queries, Output = "-", K = HitsPerQuery }.ExecuteAsync(session, database, cancellationToken);
        }

        Show(database, queries, hits, kept);
        return ExitCode.Done;
    }

    private static int Count(string database)
    {
        using VectorCollection collection = VectorCollection.Open(database);
        return collection.Info.Count;
    }

    private static string Extract(string folder, string resource, string name)
    {
        string path = Path.Combine(folder, name);
        using Stream source = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Clss.Cli.Demo.{resource}")
            ?? throw new ClssQueryException($"This program was built without its demo data ({resource}).");
        using FileStream target = File.Create(path);
        source.CopyTo(target);
        return path;
    }

    private static void Show(string database, string queries, string hits, string? kept)
    {
        Dictionary<string, DomainRecord> asked = SequenceInput.Open([queries]).ReadRecords().ToDictionary(record => record.Key);
        using VectorCollection collection = VectorCollection.Open(database);
        List<DemoRow> rows = [.. ReadHits(hits).Select(hit => new DemoRow(hit, asked[hit.Query], collection.Find(hit.Target)!))];

        Console.Out.WriteLine();
        HitTable.Write(Console.Out, ["query", "its group in ECOD", "nearest domain", "its group in ECOD", "similarity", "same"],
            rows.Where(row => row.Hit.Rank == 1).Select(row => (IReadOnlyList<string>)
            [
                Shorten(row.QueryName, MaxName), Shorten(row.QueryGroup, MaxGroup), Shorten(row.TargetName, MaxName), Shorten(row.TargetGroup, MaxGroup),
                row.Hit.Similarity.ToString("0.000", CultureInfo.InvariantCulture), row.SameGroup ? "yes" : "no",
            ]));
        WriteSummary(rows, collection);
        WriteNext(kept);
    }

    private static void WriteSummary(List<DemoRow> rows, VectorCollection collection)
    {
        int queries = rows.Count(row => row.Hit.Rank == 1);
        int nearest = rows.Count(row => row.Hit.Rank == 1 && row.SameGroup);
        int amongFive = rows.Where(row => row.SameGroup).Select(row => row.Hit.Query).Distinct().Count();
        string[] groups = [.. collection.ReadAll().Select(entry => Text(entry.Metadata, DomainSchema.EcodX))];
        double chance = rows.Where(row => row.Hit.Rank == 1).Average(row => groups.Count(group => group == row.QueryGroupId) / (double)groups.Length);
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{nearest} of {queries} queries have a domain of their own X-group (possible homologues, ECOD) nearest, {amongFive} among the nearest {HitsPerQuery}; a random domain would be one in {chance:P0} of cases."));
        Console.Out.WriteLine($"These are vectors of {collection.Info.ModelName}, a very small model for trying out: take its hits as a demonstration, not as findings.");
    }

    private static void WriteNext(string? kept)
    {
        Console.Out.WriteLine();
        Console.Out.WriteLine("Next:");
        if (kept is not null)
        {
            Console.Out.WriteLine($"  clss search {Path.Combine(kept, QueriesFile)} {Path.Combine(kept, "domains")} hits.tsv --where \"ecod_architecture = 'beta sandwiches'\"");
            Console.Out.WriteLine($"  clss db info {Path.Combine(kept, "domains")}");
        }
        else
        {
            Console.Out.WriteLine("  clss demo --keep demo                                      keep the files of this demo to play with");
        }

        Console.Out.WriteLine("  clss easy-search my-proteins.fasta my-domains.fasta hits.tsv   your own sequences");
        Console.Out.WriteLine("  clss models get CLSS-sub                                   the published weights, for real work");
        Console.Out.WriteLine("  clss --help                                                everything else");
    }

    private static IEnumerable<DemoHit> ReadHits(string path)
    {
        string[] lines = File.ReadAllLines(path);
        string[] header = lines[0].Split('\t');
        int rank = Array.IndexOf(header, "rank");
        foreach (string[] fields in lines.Skip(1).Select(line => line.Split('\t')))
        {
            yield return new DemoHit(fields[0], fields[1], float.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[rank], CultureInfo.InvariantCulture));
        }
    }

    private static string Text(IReadOnlyDictionary<string, MetadataValue> metadata, string column) =>
        metadata.TryGetValue(column, out MetadataValue value) ? value.ToString() : "";

    // Many groups of ECOD have no name; the number is their identity.
    private static string GroupName(IReadOnlyDictionary<string, MetadataValue> metadata) =>
        Text(metadata, DomainSchema.EcodXName) is { Length: > 0 } name ? name : $"X-group {Text(metadata, DomainSchema.EcodX)}";

    private static string Shorten(string name, int length) => name.Length <= length ? name : string.Concat(name.AsSpan(0, length - 1), "…");

    private sealed record DemoHit(string Query, string Target, float Similarity, int Rank);

    private sealed record DemoRow(DemoHit Hit, DomainRecord Query, VectorEntry Target)
    {
        private readonly Dictionary<string, MetadataValue> _query = Query.Metadata.ToDictionary(pair => pair.Key, pair => pair.Value);

        public string QueryName => Text(_query, DomainSchema.ProteinName);

        public string QueryGroup => GroupName(_query);

        public string QueryGroupId => Text(_query, DomainSchema.EcodX);

        public string TargetName => Text(Target.Metadata, DomainSchema.ProteinName);

        public string TargetGroup => GroupName(Target.Metadata);

        public bool SameGroup => QueryGroupId == Text(Target.Metadata, DomainSchema.EcodX);
    }
}
