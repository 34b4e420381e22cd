using System.Globalization;
using Clss.Embedder;

namespace Clss.Cli.Output;

/// <summary>Says before a run over structures what it will take: a large structure tower needs seconds for each domain.</summary>
internal static class Forecast
{
    private const int TypicalDomain = 200;

    // What needs less than this for a domain is not worth announcing.
    private const double SecondsWorthSaying = 0.2;

    public static void Show(Session session, ClssEmbedder embedder, bool structures)
    {
        if (!structures || !embedder.HasStructureTower)
        {
            return;
        }

        StructureForecast forecast = embedder.ForecastStructures([TypicalDomain]);
        string text = string.Create(CultureInfo.InvariantCulture,
            $"structures: about {forecast.SecondsPerStructure:0.00} s for a domain of {TypicalDomain} residues, {(forecast.WeightBytes + forecast.WorkBytes) / 1e9:0.0} GB of memory");
        if (forecast.SecondsPerStructure >= SecondsWorthSaying)
        {
            session.Messages.Info(text);
        }
        else
        {
            session.Messages.Detail(text);
        }
    }
}
