using System.Buffers.Binary;
using System.IO.Compression;
using Clss.Embedder.Inputs;
using Clss.Testing;

namespace Clss.Embedder.Tests.Models;

/// <summary>The backbones of domains-scope40: signed 16-bit hundredths of an Å, N, CA, C and O of each residue.</summary>
internal sealed class DomainBackbones
{
    private const int BytesPerResidue = 24;
    private const int NumbersPerResidue = 9;
    private const float UnitsPerAngstrom = 100f;

    private readonly byte[] _bytes;
    private readonly string[][] _rows;
    private readonly int _resolved;
    private readonly int _first;

    public DomainBackbones()
    {
        string[] lines = File.ReadAllLines(Repository.SharedPath("data", "domains-scope40", "scope40-dev.tsv"));
        string[] header = lines[0].Split('\t');
        _resolved = Array.IndexOf(header, "resolved");
        _first = Array.IndexOf(header, "first_residue");
        _rows = [.. lines.Skip(1).Select(line => line.Split('\t'))];
        using var stream = new GZipStream(File.OpenRead(Repository.SharedPath("data", "domains-scope40", "scope40-dev.coords.bin.gz")), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        _bytes = bytes.ToArray();
    }

    public int Count => _rows.Length;

    public Backbone this[int domain]
    {
        get
        {
            int length = int.Parse(_rows[domain][_resolved], System.Globalization.CultureInfo.InvariantCulture);
            int start = int.Parse(_rows[domain][_first], System.Globalization.CultureInfo.InvariantCulture);
            float[] coordinates = new float[length * NumbersPerResidue];
            for (int i = 0; i < coordinates.Length; i++)
            {
                (int residue, int number) = Math.DivRem(i, NumbersPerResidue);
                int offset = ((start + residue) * BytesPerResidue) + (number * sizeof(short));
                coordinates[i] = BinaryPrimitives.ReadInt16LittleEndian(_bytes.AsSpan(offset)) / UnitsPerAngstrom;
            }

            return Backbone.FromNCaC(coordinates);
        }
    }

    public Backbone this[string id] => this[Array.FindIndex(_rows, row => row[0] == id)];
}
