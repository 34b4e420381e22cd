using System.Buffers.Binary;
using Clss.Embedder.Inputs;
using Clss.Ingest.Sources;

namespace Clss.Query.Evaluation;

/// <summary>
/// The coordinates of labelled domains: one compressed stream of little-endian int16, 12 a residue: x, y, z of N, CA, C and O in hundredths of an Å.
/// A domain's residues lie together; its row says how many lie before them. The stream is read once, forward.
/// </summary>
internal sealed class CoordinateBlocks
{
    private const int AtomsPerResidue = 4;
    private const int Axes = 3;
    private const int BytesPerResidue = AtomsPerResidue * Axes * sizeof(short);
    private const int KeptPerResidue = Backbone.AtomsPerResidue * Axes;
    private const float UnitsPerAngstrom = 100f;

    private readonly Stream _stream;
    private readonly string _path;
    private readonly byte[] _buffer = new byte[BytesPerResidue * 4096];
    private long _residue;

    private CoordinateBlocks(Stream stream, string path)
    {
        _stream = stream;
        _path = path;
    }

    /// <summary>Reads the coordinates of all rows; the domains come in the order of the rows.</summary>
    public static LabelledDomain[] Read(string path, string tablePath, IReadOnlyList<DomainRow> rows)
    {
        using Stream stream = InputStream.Open(path);
        var blocks = new CoordinateBlocks(stream, path);
        var domains = new LabelledDomain[rows.Count];
        DomainRow? before = null;
        foreach (int index in Enumerable.Range(0, rows.Count).OrderBy(index => rows[index].FirstResidue))
        {
            DomainRow row = rows[index];
            if (before is not null && row.FirstResidue < before.EndResidue)
            {
                throw new ClssQueryException(
                    $"{tablePath}({row.Line}): the coordinates of {row.Id} begin at residue {row.FirstResidue}, inside those of {before.Id} (line {before.Line}, residues {before.FirstResidue} to {before.EndResidue - 1}).");
            }

            domains[index] = blocks.ReadDomain(row);
            before = row;
        }

        blocks.ReadToEnd();
        return domains;
    }

    private LabelledDomain ReadDomain(DomainRow row)
    {
        while (_residue < row.FirstResidue)
        {
            Fill((int)Math.Min(row.FirstResidue - _residue, _buffer.Length / BytesPerResidue), row);
        }

        float[] coordinates = new float[row.Sequence.Length * KeptPerResidue];
        for (int done = 0; done < row.Sequence.Length;)
        {
            int part = Math.Min(row.Sequence.Length - done, _buffer.Length / BytesPerResidue);
            ReadOnlySpan<byte> bytes = Fill(part, row);
            for (int i = 0; i < part * KeptPerResidue; i++)
            {
                int place = ((i / KeptPerResidue) * BytesPerResidue) + ((i % KeptPerResidue) * sizeof(short));
                coordinates[(done * KeptPerResidue) + i] = BinaryPrimitives.ReadInt16LittleEndian(bytes[place..]) / UnitsPerAngstrom;
            }

            done += part;
        }

        return new LabelledDomain
        {
            Id = row.Id,
            Sequence = new ProteinSequence(row.Sequence),
            Backbone = Backbone.FromNCaC(coordinates),
            Superfamily = row.Superfamily,
            Fold = row.Fold,
        };
    }

    private ReadOnlySpan<byte> Fill(int residues, DomainRow row)
    {
        Span<byte> wanted = _buffer.AsSpan(0, residues * BytesPerResidue);
        int read = _stream.ReadAtLeast(wanted, wanted.Length, throwOnEndOfStream: false);
        if (read < wanted.Length)
        {
            throw new ClssQueryException(
                $"{_path}: too short: it ends after {_residue + (read / BytesPerResidue):N0} residues, but {row.Id} needs {row.EndResidue:N0} ({BytesPerResidue} bytes each, decompressed). Is it the file of this table?");
        }

        _residue += residues;
        return wanted;
    }

    // The checksum is at the end; bytes that are no whole residue mean another format.
    private void ReadToEnd()
    {
        long rest = 0;
        for (int read; (read = _stream.Read(_buffer)) > 0;)
        {
            rest += read;
        }

        if (rest % BytesPerResidue != 0)
        {
            throw new ClssQueryException($"{_path}: its length, decompressed, is no multiple of {BytesPerResidue} bytes (N, CA, C and O of a residue as int16). Is it the file of this table?");
        }
    }
}
