using System.Text.Json;

namespace Clss.Embedder.Weights;

/// <summary>Reads and writes the dimensions of the structure side, where a model brings it.</summary>
internal static class StructureConfigJson
{
    private const string TowerKey = "esm3";
    private const string EncoderKey = "structure_encoder";

    public static Esm3Config? ReadTower(JsonObjectReader json) => json.Object(TowerKey) is { } tower
        ? new Esm3Config(Positive(tower, "d_model"), Positive(tower, "n_heads"), Positive(tower, "v_heads"), Positive(tower, "n_layers"))
        : null;

    public static StructureEncoderConfig? ReadEncoder(JsonObjectReader json) => json.Object(EncoderKey) is { } encoder
        ? new StructureEncoderConfig(
            Positive(encoder, "d_model"),
            Positive(encoder, "n_heads"),
            Positive(encoder, "v_heads"),
            Positive(encoder, "n_layers"),
            Positive(encoder, "d_out"),
            Positive(encoder, "n_codes"),
            Positive(encoder, "knn"))
        : null;

    public static void Write(Utf8JsonWriter json, ModelDescription description)
    {
        if (description.StructureTower is { } tower)
        {
            json.WriteStartObject(TowerKey);
            json.WriteNumber("d_model", tower.Width);
            json.WriteNumber("n_heads", tower.Heads);
            json.WriteNumber("v_heads", tower.VectorHeads);
            json.WriteNumber("n_layers", tower.Layers);
            json.WriteEndObject();
        }

        if (description.StructureEncoder is { } encoder)
        {
            json.WriteStartObject(EncoderKey);
            json.WriteNumber("d_model", encoder.Width);
            json.WriteNumber("n_heads", encoder.Heads);
            json.WriteNumber("v_heads", encoder.VectorHeads);
            json.WriteNumber("n_layers", encoder.Layers);
            json.WriteNumber("d_out", encoder.OutputWidth);
            json.WriteNumber("n_codes", encoder.Codes);
            json.WriteNumber("knn", encoder.Neighbors);
            json.WriteEndObject();
        }
    }

    private static int Positive(JsonObjectReader json, string name)
    {
        const int most = 1 << 20;
        int value = json.Int(name);
        return value is > 0 and <= most ? value : throw json.Error($"\"{name}\" is {value}, expected a number from 1 to {most}");
    }
}
