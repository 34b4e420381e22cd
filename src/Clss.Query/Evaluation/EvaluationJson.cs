using System.Text.Encodings.Web;
using System.Text.Json;

namespace Clss.Query.Evaluation;

/// <summary>Writes an evaluation as JSON; docs/evaluation.md describes it.</summary>
public static class EvaluationJson
{
    /// <summary>Named in the file.</summary>
    public const string Schema = "clss.evaluation.v1";

    /// <summary>Writes the report, UTF-8, indented, with a line end.</summary>
    public static void Write(EvaluationReport report, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(stream);
        // '>' of the pairs stays readable.
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("model", report.ModelName);
            json.WriteString("model_fingerprint", report.Model);
            json.WriteString("structure_fingerprint", report.StructureTower);
            json.WriteNumber("domains", report.Domains);
            json.WriteNumber("residues", report.Residues);
            json.WriteNumber("superfamilies", report.Superfamilies);
            json.WriteNumber("folds", report.Folds);
            json.WriteNumber("rows_without_coordinates", report.WithoutCoordinates);
            json.WriteNumber("rows_repeated", report.Repeated);
            WriteRetrieval(json, report.Pairs);
            WritePartner(json, report.Pairs);
            json.WriteEndObject();
        }

        stream.Write("\n"u8);
    }

    private static void WriteRetrieval(Utf8JsonWriter json, IReadOnlyList<EvaluatedPair> pairs)
    {
        json.WriteStartObject("retrieval");
        foreach (EvaluatedPair pair in pairs)
        {
            RetrievalFigures figures = pair.Figures.Retrieval;
            json.WriteStartObject(pair.Name);
            Write(json, "superfamily_r1", figures.SuperfamilyR1);
            Write(json, "fold_r1", figures.FoldR1);
            Write(json, "fold_r1_own_superfamily_removed", figures.FoldR1OwnSuperfamilyRemoved);
            json.WriteNumber("queries", figures.Queries);
            json.WriteNumber("queries_own_superfamily_removed", figures.QueriesOwnSuperfamilyRemoved);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WritePartner(Utf8JsonWriter json, IReadOnlyList<EvaluatedPair> pairs)
    {
        json.WriteStartObject("partner");
        foreach (EvaluatedPair pair in pairs.Where(pair => pair.HasPartner))
        {
            PartnerFigures figures = pair.Figures.Partner;
            json.WriteStartObject(pair.Name);
            Write(json, "r1", figures.R1);
            Write(json, "r10", figures.R10);
            json.WriteNumber("queries", figures.Queries);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double? share)
    {
        if (share is double value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
