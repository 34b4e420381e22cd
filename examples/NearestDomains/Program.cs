using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Sources;
using Clss.Query;

// dotnet run --project examples/NearestDomains -- domains.fasta queries.fasta
using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
using VectorCollection domains = IngestPipeline.CreateCollection(Path.GetTempFileName() + ".clss", embedder);
IngestReport report = await new IngestPipeline(embedder, domains).RunAsync(SequenceInput.Open([args[0]]));
Console.Error.WriteLine($"{report.Stored} domains, {report.Skipped} skipped");

var search = new ProteinSearch(embedder, domains);
IEnumerable<ProteinQuery> queries = SequenceInput.Open([args[1]]).Records().Select(r => new BySequence(r.Key, r.Sequence));
foreach (QueryResult result in search.Search(queries, new SearchRequest { K = 1 }))
{
    Console.WriteLine($"{result.Query.Name}\t{result.Hits[0].Target}\t{result.Hits[0].Similarity:0.000}");
}
