using System.Globalization;

namespace Clss.Embedder.Tests.Models;

/// <summary>Collects the largest absolute difference per quantity, prints them all, then fails on those above their tolerance.</summary>
internal sealed class DifferenceTable(string title)
{
    private readonly Dictionary<string, (double Difference, double Tolerance, int Count, string Where)> _rows = [];

    public void Compare(string quantity, double tolerance, ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string where)
    {
        Assert.Equal(expected.Length, actual.Length);
        (double worst, _, int count, string at) = _rows.GetValueOrDefault(quantity, (0, tolerance, 0, ""));
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs((double)expected[i] - actual[i]);
            if (!(difference <= worst))
            {
                (worst, at) = (difference, where);
            }
        }

        _rows[quantity] = (worst, tolerance, count + expected.Length, at);
    }

    public void PrintAndAssert()
    {
        ITestOutputHelper? output = TestContext.Current.TestOutputHelper;
        output?.WriteLine(title);
        output?.WriteLine($"{"quantity",-28} {"numbers",10} {"max abs difference",20} {"tolerance",10}  at");
        foreach ((string quantity, var row) in _rows)
        {
            output?.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{quantity,-28} {row.Count,10} {row.Difference,20:E2} {row.Tolerance,10:E0}  {row.Where}"));
        }

        Assert.NotEmpty(_rows);
        Assert.All(_rows, row => Assert.True(row.Value.Difference <= row.Value.Tolerance, $"{row.Key}: {row.Value}"));
    }
}
