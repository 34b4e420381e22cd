namespace Clss.Embedder.Tensors;

/// <summary>How a rigid frame lies in the row of a tensor: 9 numbers of the rotation R, row after row, 3 of the translation t in Å, and 1 where the frame is valid, else 0.</summary>
public static class RigidFrames
{
    /// <summary>Numbers per frame.</summary>
    public const int Columns = 13;

    /// <summary>Column of the rotation's first number.</summary>
    public const int Rotation = 0;

    /// <summary>Column of the translation's first number.</summary>
    public const int Translation = 9;

    /// <summary>Column of the mark of a valid frame.</summary>
    public const int Valid = 12;
}
