namespace Clss.Query.Evaluation;

/// <summary>
/// Where a table says which domains are related. SCOP's superfamily (probable common ancestor) and fold have their like in ECOD's H-group (homologous) and
/// X-group (possibly homologous), so those two levels stand for them; T-groups divide an H-group by topology and are not looked at.
/// </summary>
internal abstract class DomainLabels
{
    /// <summary>What was expected in a row that has no labels.</summary>
    public abstract string Expectation { get; }

    /// <summary>The labels of a row, or null where they have no meaning.</summary>
    public abstract (string Superfamily, string Fold)? Of(string[] cells);

    /// <summary>The best source of labels that a table with these columns has, or null.</summary>
    public static DomainLabels? Choose(string[] columns)
    {
        (int superfamily, int fold) = (Array.IndexOf(columns, "superfamily"), Array.IndexOf(columns, "fold"));
        if (superfamily >= 0 && fold >= 0)
        {
            return new Named(superfamily, fold);
        }

        int sccs = Array.IndexOf(columns, "sccs");
        if (sccs >= 0)
        {
            return new Levels(sccs, fold: 2, "'sccs' has fewer than three levels; expected class.fold.superfamily.family, such as a.1.1.1.");
        }

        int group = Array.IndexOf(columns, "f_id");
        return group >= 0 ? new Levels(group, fold: 1, "'f_id' has fewer than two levels; expected X.H.T.F, such as 2003.1.1.40.") : null;
    }

    private sealed class Named(int superfamily, int fold) : DomainLabels
    {
        public override string Expectation => "'superfamily' or 'fold' is empty.";

        public override (string Superfamily, string Fold)? Of(string[] cells) =>
            cells[superfamily].Length > 0 && cells[fold].Length > 0 ? (cells[superfamily], cells[fold]) : null;
    }

    /// <summary>Dotted levels: the first <paramref name="fold"/> are the fold, with the next one they are the superfamily.</summary>
    private sealed class Levels(int column, int fold, string expectation) : DomainLabels
    {
        public override string Expectation => expectation;

        public override (string Superfamily, string Fold)? Of(string[] cells)
        {
            string[] levels = cells[column].Split('.');
            return levels.Length > fold && levels.All(level => level.Length > 0)
                ? (string.Join('.', levels, 0, fold + 1), string.Join('.', levels, 0, fold))
                : null;
        }
    }
}
