using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Embedder.Weights;

namespace Clss.Cli.Commands;

/// <summary><c>clss models info MODEL</c>: what a model is.</summary>
internal static class ModelsInfoCommand
{
    public static Command Create(GlobalOptions global)
    {
        Argument<string> model = ModelsCommand.ModelArgument();
        var command = new Command("info", "Show what a model is: dimensions, origin, fingerprint.") { model };
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            using ModelSource source = ModelOption.OpenSource(parse.GetValue(model)!);
            Write(session, source);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(Session session, ModelSource source)
    {
        ModelDescription description = source.Description;
        var table = new RowTable(session, "clss.model.v1", "property", "value");
        void Row(string name, string value) => table.Add(Cell.Of(name), Cell.Of(value));
        Row("name", description.Name);
        Row("form", source.Kind.ToString());
        Row("fingerprint", source.Fingerprint);
        Row("dimension", description.Dimension.ToString(CultureInfo.InvariantCulture));
        Row("sequence tower", description.SequenceTower is EsmConfig sequence
            ? string.Create(CultureInfo.InvariantCulture, $"ESM-2: {sequence.Layers} layers, hidden {sequence.HiddenSize}, {sequence.Heads} heads, intermediate {sequence.IntermediateSize}")
            : "none");
        Row("structure tower", description.StructureTower is Esm3Config structure
            ? string.Create(CultureInfo.InvariantCulture, $"ESM3: {structure.Layers} layers, width {structure.Width}, {structure.Heads} heads, {structure.VectorHeads} vector heads")
            : "none of its own");
        Row("sequence adapter", description.HasSequenceAdapter ? "yes" : "no: pooled embeddings only (--no-adapter)");
        Row("structure adapter", description.HasStructureAdapter ? "yes" : "no");
        long parameters = source.Weights.Tensors.Values.Sum(tensor => tensor.Count);
        Row("parameters in the file", string.Create(CultureInfo.InvariantCulture, $"{parameters:N0}"));
        if (description.Provenance is ModelProvenance provenance)
        {
            Row("made from", $"{provenance.Source} {(provenance.SourceSha256.Length > 0 ? $"(SHA-256 {provenance.SourceSha256})" : "")}".TrimEnd());
            Row("made by", $"{provenance.Tool}, {provenance.Created:yyyy-MM-dd}");
        }
    }
}
