using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Index;
using Clss.Ingest.Formats.Fasta;
using Clss.Query;
using Clss.Query.Scoring;

namespace Clss.Cli.Commands;

/// <summary><c>clss score A B</c>: the similarity of two inputs, record by record, in every pair of modalities.</summary>
internal static class ScoreCommand
{
    public const string Schema = "clss.score.v1";

    // These are held in memory: 50 MB of 32-D vectors with their names. Beyond, nobody reads each with each.
    private const int MaxTargets = 200_000;

    public static Command Create(GlobalOptions global)
    {
        const string what = "Sequences or structures (files, folders, archives, FILE:CHAIN/RANGE, -) or a database.";
        var query = new Argument<string>("A") { Description = what };
        var target = new Argument<string>("B") { Description = what };
        Option<string?> model = ModelOption.Create("the database's, or else the built-in clss-mini");
        var policy = new PolicyOption();
        var command = new Command("score") { query, target, model };
        policy.AddTo(command);
        command.SetAction((parse, cancellationToken) => Task.FromResult(
            Run(global.Read(parse), parse.GetValue(query)!, parse.GetValue(target)!, parse.GetValue(model), policy.Read(parse), cancellationToken)));
        return command;
    }

    private static int Run(Session session, string a, string b, string? model, ResiduePolicy policy, CancellationToken cancellationToken)
    {
        if (a == "-" && b == "-")
        {
            throw new UsageException("standard input ('-') is named twice; it can be read once.");
        }

        ScoreSource queries = ScoreSource.Open(a, policy, session.Messages);
        ScoreSource targets = ScoreSource.Open(b, policy, session.Messages);
        using ClssEmbedder? embedder = Load(session, model, queries, targets);

        List<ProteinVectors> held = [.. targets.Read(embedder, cancellationToken).Take(MaxTargets + 1)];
        if (held.Count > MaxTargets)
        {
            throw new ClssQueryException(
                $"{b} has more than {MaxTargets.ToString("N0", CultureInfo.InvariantCulture)} records, too many to compare each with each. 'clss search' finds the nearest of any number.");
        }

        long rows = Write(session, PairScoring.Compare(queries.Read(embedder, cancellationToken), held));
        if (embedder is not null && !PairScoring.TakesStructures(embedder) && (queries.HasStructures || targets.HasStructures))
        {
            session.Messages.Info($"{embedder.Name} has no structure tower here: structures were compared by their sequences alone.");
        }

        long skipped = queries.Rejected + targets.Rejected;
        session.Messages.Info(string.Create(CultureInfo.InvariantCulture,
            $"{queries.Taken:N0} against {targets.Taken:N0}, {rows:N0} rows{(skipped > 0 ? $", {skipped:N0} skipped" : "")}"));
        return session.Finish(skipped);
    }

    private static long Write(Session session, IEnumerable<PairScore> pairs)
    {
        using IEnumerator<PairScore> next = pairs.GetEnumerator();
        bool any = next.MoveNext(); // an input that cannot be read leaves no header line
        var table = new RowTable(session, Schema, "query", "target", "query_modality", "target_modality", "similarity");
        long rows = 0;
        for (; any; any = next.MoveNext())
        {
            PairScore pair = next.Current;
            table.Add(Cell.Of(pair.Query), Cell.Of(pair.Target), Cell.Of(pair.QueryModality.ToName()), Cell.Of(pair.TargetModality.ToName()), Cell.Of(pair.Similarity));
            rows++;
        }

        return rows;
    }

    /// <summary>The model that both inputs are compared in; null where both are vectors already.</summary>
    private static ClssEmbedder? Load(Session session, string? model, ScoreSource queries, ScoreSource targets)
    {
        string[] databases = [.. ((string?[])[queries.Database, targets.Database]).OfType<string>()];
        if (databases.Length == 2)
        {
            RequireOneModel(InfoOf(databases[0]), InfoOf(databases[1]));
            return null;
        }

        ClssEmbedder embedder = databases.Length == 0 ? ModelOption.Load(session, model) : ModelOption.LoadFor(session, model, InfoOf(databases[0]));
        try
        {
            foreach (string database in databases)
            {
                using VectorCollection collection = VectorCollection.Open(database);
                collection.RequireModel(embedder.Fingerprint, embedder.Name);
            }

            if (!embedder.HasAdapter)
            {
                throw new UsageException($"the model {embedder.Name} has no adapter for sequences into the common space: there is nothing to compare. Use a CLSS model.");
            }

            return embedder;
        }
        catch
        {
            embedder.Dispose();
            throw;
        }
    }

    private static CollectionInfo InfoOf(string database)
    {
        using VectorCollection collection = VectorCollection.Open(database);
        return collection.Info;
    }

    private static void RequireOneModel(CollectionInfo left, CollectionInfo right)
    {
        if (left.Model.Length > 0 && right.Model.Length > 0 && left.Model != right.Model)
        {
            throw new ClssQueryException($"the databases hold vectors of different models ({left.ModelName} {left.Model}, {right.ModelName} {right.Model}): their similarity means nothing. Embed both with one model.");
        }
    }
}
