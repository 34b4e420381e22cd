using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Sources;
using Clss.Query;

// dotnet run --project examples/NearestDomains -- domains.fasta queries.fasta
using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn();
string database = Directory.CreateTempSubdirectory("nearest-domains-").FullName;
await DatabaseBuilder.BuildAsync(embedder, SequenceInput.Open([args[0]]), database);

using VectorCollection domains = VectorCollection.Open(database);
var search = new ProteinSearch(embedder, domains);
foreach (DomainRecord query in SequenceInput.Open([args[1]]).ReadRecords())
{
    ProteinHit nearest = search.Search(new BySequence(query.Key, query.Sequence), new SearchRequest { K = 1 }).Hits[0];
    Console.WriteLine($"{query.Key}\t{nearest.Target}\t{nearest.Similarity:0.000}");
}
