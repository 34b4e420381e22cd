using System.Globalization;

namespace Clss.AnnBenchmark;

/// <summary>Recall against speed of the vector indexes. `dotnet run -c Release --project benchmarks/Clss.AnnBenchmark -- --help`.</summary>
internal static class Program
{
    private const string Help = """
        Clss.AnnBenchmark: recall against speed of the vector indexes, one search at a time on one thread.
        Usage: dotnet run -c Release --project benchmarks/Clss.AnnBenchmark -- --index NAME [--batch] [--recall R,...] [--filter S,...] [--rounds N]
          --index NAME    {0}
          --batch         all queries in one call, still on one thread
          --recall R,...  settings for these target recalls, in place of the index's own series
          --filter S,...  search under filters that let these shares of the rows through, around the queries and away from them
          --rounds N      timed rounds; the median is printed (default 5)
        Environment:
          ANN_BASE        float32 rows of 32; without it the data is generated
          ANN_N           rows to use (default: all of the file; 1000000 of generated data)
          ANN_QUERY       float32 rows of 32; without it the 10000 generated queries
          ANN_GT          prefix of the true neighbours: PREFIX.gt.i32 holds 100 ids for each query; without it an exact scan finds them
          ANN_BT          threads that build (default: all cores)
          ANN_CACHE       folder of generated data (default: clss-ann-benchmark among the temporary files)
        A line per setting on standard output, tab-separated: {1}, then NAME=VALUE columns:
          sequences       recall over the queries that are whole sequences (0 to 4999 of the generated ones)
          allocated       bytes allocated per query
          true_neighbours_accepted  with --filter: the share of the ten nearest rows that the filters let through
          first_search_ms           with --filter: the first search with a filter, which finds out the rows that it accepts
        """;

    private static int Main(string[] args)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        if (args.Contains("--help"))
        {
            Console.WriteLine(Help, string.Join(", ", AnnSubjects.Names), ResultLine.Header.Replace('\t', ' '));
            return 0;
        }

        try
        {
            BenchmarkOptions options = BenchmarkOptions.Parse(args);
            Run(options);
            return 0;
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        catch (IOException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }
    }

    private static void Run(BenchmarkOptions options)
    {
        if (options.Selectivities.Count > 0)
        {
            RunFiltered(options);
            return;
        }

        using IAnnSubject subject = AnnSubjects.Create(options.Index, options.Recalls);
        using Workload work = Workload.Open();
        Print(new SearchBenchmark(subject, work, options).Run());
    }

    private static void RunFiltered(BenchmarkOptions options)
    {
        using Workload work = Workload.Open();
        if (!work.IsSynthetic)
        {
            throw new UsageException("--filter needs the classification of the generated data: leave ANN_BASE and ANN_QUERY out, or name files of the generator");
        }

        var order = new TreeOrder(work.Rows);
        using CollectionSubject subject = AnnSubjects.CreateFiltered(options.Index, options.Recalls, order.Places);
        Print(new FilterBenchmark(subject, order, work, options).Run());
    }

    private static void Print(IEnumerable<ResultLine> lines)
    {
        Console.Error.WriteLine(ResultLine.Header);
        foreach (ResultLine line in lines)
        {
            Console.WriteLine(line);
            Console.Out.Flush();
        }
    }
}
