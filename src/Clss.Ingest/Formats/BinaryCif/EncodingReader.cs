using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>Reads the description of how a column was packed.</summary>
internal static class EncodingReader
{
    private const int MaxSteps = 16;

    public static ColumnEncoding[] Read(ref MessagePackReader reader, string source, bool nested = false)
    {
        int count = reader.ReadArray();
        if (count > MaxSteps)
        {
            throw new StructureFormatException($"{source}: byte {reader.Position}: a column is packed in {count} steps, more than {MaxSteps}. The file is damaged.");
        }

        var steps = new ColumnEncoding[count];
        for (int i = 0; i < count; i++)
        {
            steps[i] = ReadStep(ref reader, source, nested);
        }

        return steps;
    }

    private static ColumnEncoding ReadStep(ref MessagePackReader reader, string source, bool nested)
    {
        var step = new ColumnEncoding();
        int pairs = reader.ReadMap();
        for (int i = 0; i < pairs; i++)
        {
            switch (reader.ReadString())
            {
                case "kind":
                    step.Kind = reader.ReadString();
                    break;
                case "type":
                    step.Type = reader.ReadInt();
                    break;
                case "factor":
                    step.Factor = reader.ReadNumber();
                    break;
                case "min":
                    step.Min = reader.ReadNumber();
                    break;
                case "max":
                    step.Max = reader.ReadNumber();
                    break;
                case "numSteps":
                    step.Steps = reader.ReadInt();
                    break;
                case "srcSize":
                    step.SourceSize = reader.ReadInt();
                    break;
                case "origin":
                    step.Origin = reader.ReadInt();
                    break;
                case "byteCount":
                    step.ByteCount = reader.ReadInt();
                    break;
                case "isUnsigned":
                    step.IsUnsigned = reader.ReadFlag();
                    break;
                case "stringData":
                    ReadOnlySpan<byte> text = reader.ReadStringBytes();
                    step.StringData = (reader.Position - text.Length, text.Length);
                    break;
                case "offsets":
                    ReadOnlySpan<byte> offsets = reader.ReadBinary();
                    step.Offsets = (reader.Position - offsets.Length, offsets.Length);
                    break;
                case "offsetEncoding" when !nested:
                    step.OffsetEncoding = Read(ref reader, source, nested: true);
                    break;
                case "dataEncoding" when !nested:
                    step.DataEncoding = Read(ref reader, source, nested: true);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return step;
    }
}
