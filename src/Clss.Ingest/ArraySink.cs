using System.Globalization;
using Clss.Embedder;
using Clss.Ingest.Formats.Numpy;
using Clss.Ingest.Formats.Tsv;

namespace Clss.Ingest;

/// <summary>Writes vectors to an array file and what each row is to a table beside it.</summary>
internal sealed class ArraySink : IVectorSink, IDisposable
{
    private readonly RecordEmbedder _embedder;
    private readonly Modality _modality;
    private readonly bool _perResidue;
    private readonly FileStream _arrayStream;
    private readonly FileStream _idsStream;
    private readonly NpyWriter _array;
    private readonly TsvWriter _ids;

    /// <summary>Begins both files, or goes on behind what <paramref name="previous"/> says is durable.</summary>
    public ArraySink(ClssEmbedder embedder, EmbeddingOptions options, Modality modality, string arrayPath, string idsPath, IngestState? previous)
    {
        _embedder = new RecordEmbedder(embedder, [modality], options.Pooled || options.PerResidue);
        _perResidue = options.PerResidue;
        _modality = modality;
        FileMode mode = previous is null ? FileMode.Create : FileMode.Open;
        _arrayStream = new FileStream(arrayPath, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 16);
        _idsStream = new FileStream(idsPath, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1);
        _ids = new TsvWriter(_idsStream);
        if (previous is null)
        {
            _array = new NpyWriter(_arrayStream, Dimension);
            _ids.WriteRow("row", "id", "modality", "length");
            return;
        }

        _array = NpyWriter.Continue(_arrayStream, Dimension, previous.Rows);
        if (_idsStream.Length < previous.SideBytes)
        {
            throw new ClssIngestException($"{idsPath} is shorter than it was at the last commit. Remove it and {arrayPath} to start again.");
        }

        _idsStream.SetLength(previous.SideBytes);
        _idsStream.Position = previous.SideBytes;
    }

    private int Dimension => _embedder.DimensionOf(_modality);

    public bool UniqueKeys => false;

    public long Rows => _array.Rows;

    public long SideBytes => _idsStream.Position;

    public RejectedRecord? Reject(DomainRecord record) => _embedder.Reject(record);

    public void Write(IReadOnlyList<DomainRecord> records, CancellationToken cancellationToken)
    {
        if (_perResidue)
        {
            foreach (DomainRecord record in records)
            {
                float[] states = _embedder.ResidueStates(record, _modality, cancellationToken);
                WriteId(_array.Rows, record, states.Length / Dimension);
                _array.Write(states);
            }

            return;
        }

        float[] vectors = _embedder.Embed(records, _modality, cancellationToken);
        for (int i = 0; i < records.Count; i++)
        {
            WriteId(_array.Rows + i, records[i], records[i].Sequence.Residues.Length);
        }

        _array.Write(vectors);
    }

    private void WriteId(long row, DomainRecord record, int length) => _ids.WriteRow(
        row.ToString(CultureInfo.InvariantCulture),
        record.Key,
        _modality.ToName(),
        length.ToString(CultureInfo.InvariantCulture));

    public bool Contains(DomainRecord record) => false;

    public void Commit()
    {
        _ids.Flush();
        _idsStream.Flush(flushToDisk: true);
        _arrayStream.Flush(flushToDisk: true);
    }

    /// <summary>Fills in the number of rows.</summary>
    public void Finish()
    {
        _array.Finish();
        Commit();
    }

    public void Dispose()
    {
        _ids.Dispose();
        _arrayStream.Dispose();
    }
}
