using System.Globalization;

namespace Clss.AnnBenchmark;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchmarkOptions
{
    public string Index { get; init; } = "exact";

    /// <summary>All queries in one call, on one thread.</summary>
    public bool Batch { get; init; }

    /// <summary>Target recalls; empty for the index's own series of settings.</summary>
    public IReadOnlyList<double> Recalls { get; init; } = [];

    /// <summary>The shares of rows that filters let through; empty for the benchmark without filters.</summary>
    public IReadOnlyList<double> Selectivities { get; init; } = [];

    /// <summary>Timed rounds; the median is printed.</summary>
    public int Rounds { get; init; } = 5;

    public static BenchmarkOptions Parse(string[] args)
    {
        var options = new BenchmarkOptions();
        for (int i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--batch" => options with { Batch = true },
                "--index" => options with { Index = Value(args, ref i) },
                "--recall" => options with { Recalls = Shares(args, ref i) },
                "--filter" => options with { Selectivities = Shares(args, ref i) },
                "--rounds" => options with { Rounds = Count(args, ref i) },
                _ => throw new UsageException($"unknown option '{args[i]}'; --help lists the options"),
            };
        }

        return options.Batch && options.Selectivities.Count > 0
            ? throw new UsageException("--filter searches one query at a time: leave --batch out")
            : options;
    }

    private static string Value(string[] args, ref int i) =>
        i + 1 < args.Length ? args[++i] : throw new UsageException($"{args[i]} needs a value");

    private static int Count(string[] args, ref int i)
    {
        string name = args[i];
        string text = Value(args, ref i);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0
            ? count
            : throw new UsageException($"{name} needs a whole number of 1 or more; it is '{text}'");
    }

    private static double[] Shares(string[] args, ref int i)
    {
        string name = args[i];
        return [.. Value(args, ref i).Split(',').Select(text =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double share) && share is > 0 and <= 1
                ? share
                : throw new UsageException($"{name} needs numbers above 0 and up to 1, separated by commas; '{text}' is none"))];
    }
}
