using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>A metadata column of a generation, read in place.</summary>
internal abstract class Column
{
    private readonly Section? _presence;

    protected Column(SectionFile file, int item, int rows)
    {
        Rows = rows;
        _presence = file.Find(SectionKind.Presence, item);
        _presence?.Require(ElementType.Bits, rows, (rows + 7L) / 8);
    }

    protected int Rows { get; }

    /// <summary>Opens the column of a type, or null where the generation has no section of it: every row is missing.</summary>
    public static Column? Open(SectionFile file, int item, ColumnType type, int rows) => type switch
    {
        ColumnType.Integer => file.Find(SectionKind.Integers, item) is null ? null : new IntegerColumn(file, item, rows),
        ColumnType.Real => file.Find(SectionKind.Reals, item) is null ? null : new RealColumn(file, item, rows),
        ColumnType.Flag => file.Find(SectionKind.Flags, item) is null ? null : new FlagColumn(file, item, rows),
        ColumnType.Text when file.Find(SectionKind.RowCodes, item) is not null => new CodedTextColumn(file, item, rows),
        ColumnType.Text => file.Find(SectionKind.TextOffsets, item) is null ? null : new PlainTextColumn(file, item, rows),
        _ => file.Find(SectionKind.ListOffsets, item) is null ? null : new TextListColumn(file, item, rows),
    };

    public bool IsMissing(int row) => _presence is not null && !_presence.Bit(row);

    public MetadataValue Read(int row) => IsMissing(row) ? MetadataValue.Missing : ReadPresent(row);

    /// <summary>Sets the bit of every row that passes.</summary>
    public virtual void Select(ValueTest test, ulong[] rows)
    {
        for (int row = 0; row < Rows; row++)
        {
            if (IsMissing(row) ? test.AcceptsMissing : Accepts(test, row))
            {
                rows[row >> 6] |= 1UL << row;
            }
        }
    }

    /// <summary>Follows every offset and code once. Throws <see cref="CorruptCollectionException"/> for one that leads outside.</summary>
    public void Check()
    {
        for (int row = 0; row < Rows; row++)
        {
            CheckRow(row);
        }
    }

    protected abstract MetadataValue ReadPresent(int row);

    protected abstract bool Accepts(ValueTest test, int row);

    protected virtual void CheckRow(int row) => ReadPresent(row);
}
