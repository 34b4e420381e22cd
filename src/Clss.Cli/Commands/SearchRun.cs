using System.Globalization;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Formats.Fasta;
using Clss.Query;

namespace Clss.Cli.Commands;

/// <summary>One search as asked for on the command line.</summary>
internal sealed record SearchRun
{
    public string Command { get; init; } = "search";

    public string Query { get; init; } = "";

    public string Output { get; init; } = "-";

    public int K { get; init; } = 10;

    public float MinSimilarity { get; init; } = -1f;

    public bool Exact { get; init; }

    public double Recall { get; init; } = 0.99;

    public int? Probes { get; init; }

    public int? EfSearch { get; init; }

    public string? Where { get; init; }

    public Modality? Modality { get; init; }

    public Modality? TargetModality { get; init; }

    public string? Model { get; init; }

    public ResiduePolicy Policy { get; init; } = ResiduePolicy.Default;

    public TableFormat Format { get; init; } = new(null, null);

    /// <summary>Where skipped records of this run are listed.</summary>
    public string SkipReportOf(string what) =>
        Path.Combine(Path.GetDirectoryName(Output) ?? "", $"{Path.GetFileNameWithoutExtension(Output == "-" ? "stdout" : Output)}_{(what.Length > 0 ? what + "_" : "")}skipped.tsv");

    /// <summary>Searches <paramref name="database"/> and writes the result; returns the exit status.</summary>
    public Task<int> ExecuteAsync(Session session, string database, CancellationToken cancellationToken) =>
        Task.FromResult(Execute(session, database, cancellationToken));

    private int Execute(Session session, string database, CancellationToken cancellationToken)
    {
        using VectorCollection collection = VectorCollection.Open(database);
        CollectionInfo info = collection.Info;
        var request = new SearchRequest
        {
            K = K,
            MinSimilarity = MinSimilarity,
            Exact = Exact,
            Recall = Recall,
            Probes = Probes,
            EfSearch = EfSearch,
            TargetModality = TargetModality,
            Filter = Where is null ? null : WhereExpression.Parse(Where, info.Columns),
            Threads = session.Threads,
        };
        IReadOnlyList<HitColumn> columns = Format.Columns is null ? HitColumns.All(info.Columns) : HitColumns.Parse(Format.Columns, info.Columns);
        QuerySource source = QuerySource.Open(Query, Policy, Modality, session.Messages);
        source.RequireModelOf(collection);
        using ClssEmbedder? embedder = source.NeedsModel ? ModelOption.LoadFor(session, Model, info) : null;
        RequireStructureModel(embedder, database, source);
        ProteinSearch search = embedder is null ? new ProteinSearch(collection) : new ProteinSearch(embedder, collection);

        Counts counts;
        using (IHitWriter writer = CreateWriter(session, columns))
        {
            counts = Answer(session, search, source, request, writer, cancellationToken);
            if (counts.Queries == 0 && source.Rejected.Count > 0)
            {
                throw new ClssQueryException($"No query could be taken from {Query}: {source.Rejected[0]}{(source.Rejected.Count > 1 ? $" ({source.Rejected.Count - 1:N0} more)" : "")}");
            }

            writer.Complete();
        }

        WriteManifest(session, database, info, embedder, source, counts);
        Summarize(session, source, counts);
        return session.Finish(source.Rejected.Count);
    }

    private static void RequireStructureModel(ClssEmbedder? embedder, string database, QuerySource source)
    {
        if (embedder is { HasStructureTower: true } && source.MayHaveStructures
            && DatabaseBuilder.StructureModelOf(database) is string stored && stored != embedder.StructureFingerprint)
        {
            throw new ClssQueryException(
                $"{database}: its structures were embedded with the structure tower {stored}, the queries would be with {embedder.StructureFingerprint}: their similarity means nothing. Install the same structure weights, or make the database anew.");
        }
    }

    private bool IsResultDatabase => Output != "-" && Path.GetExtension(Output).Length == 0;

    private IHitWriter CreateWriter(Session session, IReadOnlyList<HitColumn> columns)
    {
        if (IsResultDatabase)
        {
            return new ResultDatabase(Output, columns);
        }

        return session.Json ? new JsonHitWriter(Output, columns) : new TsvHitWriter(Output, columns, Format.HasHeader(Output));
    }

    private static Counts Answer(
        Session session, ProteinSearch search, QuerySource source, SearchRequest request, IHitWriter writer, CancellationToken cancellationToken)
    {
        var counts = new Counts();
        using var progress = new ProgressLine(session, "search");
        foreach (QueryResult result in search.Search(source.Read(), request, cancellationToken))
        {
            writer.Write(result);
            counts.Queries++;
            counts.Hits += result.Hits.Count;
            counts.WithoutHits += result.Hits.Count == 0 ? 1 : 0;
            progress.Report(counts.Queries, source.Fraction, source.Total, source.Rejected.Count);
        }

        return counts;
    }

    private void WriteManifest(Session session, string database, CollectionInfo info, ClssEmbedder? embedder, QuerySource source, Counts counts)
    {
        RunManifest manifest = new RunManifest()
            .With("model", ("name", embedder?.Name ?? info.ModelName), ("fingerprint", embedder?.Fingerprint ?? info.Model))
            .With("database", ("path", database), ("hash", VectorCollection.ContentHash(database)), ("count", info.Count), ("generation", info.Generation), ("model", info.Model), ("index", info.IndexKind))
            .With("parameters", ("query", Query), ("k", K), ("min_similarity", MinSimilarity), ("exact", Exact), ("recall", Exact ? 1.0 : (Probes ?? EfSearch) is null ? Recall : null), ("nprobe", Probes), ("ef", EfSearch), ("where", Where),
                ("modality", Modality?.ToName()), ("target_modality", TargetModality?.ToName()), ("policy", Policy.ToString().ToLowerInvariant()))
            .With("counts", ("queries", counts.Queries), ("hits", counts.Hits), ("queries_without_hits", counts.WithoutHits), ("skipped", source.Rejected.Count));
        if (IsResultDatabase)
        {
            manifest.WriteTo(Path.Combine(Output, ResultDatabase.ManifestFile), Command, session.Started);
        }
        else
        {
            manifest.Write(Output, Command, session.Started);
        }
    }

    private void Summarize(Session session, QuerySource source, Counts counts)
    {
        if (source.Rejected.Count > 0)
        {
            using var report = new SkipReport(SkipReportOf(""));
            foreach (RejectedRecord rejected in source.Rejected)
            {
                report.Add(rejected);
            }

            session.Messages.Warning($"{source.Rejected.Count:N0} of the queries skipped; {report.Complete()} says why.");
        }

        double seconds = (DateTimeOffset.UtcNow - session.Started).TotalSeconds;
        session.Messages.Info(string.Create(CultureInfo.InvariantCulture,
            $"{counts.Queries:N0} queries, {counts.Hits:N0} hits, {counts.WithoutHits:N0} without a hit, {seconds:0.0} s{(Output == "-" ? "" : $"; written to {Output}")}"));
        if (counts.WithoutHits > 0)
        {
            session.Messages.Info($"No hit means: nothing at or above --min-similarity {MinSimilarity.ToString(CultureInfo.InvariantCulture)}{(Where is null ? "" : " that meets --where")}. Lower it to see the nearest.");
        }
    }

    private sealed class Counts
    {
        public long Queries { get; set; }

        public long Hits { get; set; }

        public long WithoutHits { get; set; }
    }
}
