namespace Clss.Testing.SyntheticDomains;

/// <summary>
/// Random numbers by hashing: draw <c>index</c> of a stream is a pure function of (seed, kind, id, index), so any vector can be made on its own and
/// in any order.
/// </summary>
internal readonly struct DrawStream
{
    private const ulong KindFactor = 0x9E3779B97F4A7C15;
    private const ulong IdFactor = 0xD1342543DE82EF95;
    private const ulong IndexFactor = 0xAF251AF3B0F025B5;

    // A Gaussian draw is the sum of eight 16-bit fields, less their mean, over their standard deviation.
    private const int Fields = 8;
    private const double FieldMean = 32767.5;

    private static readonly double InverseDeviation = 1.0 / Math.Sqrt(Fields * ((65536.0 * 65536.0) - 1.0) / 12.0);

    private readonly ulong _state;

    public DrawStream(ulong seed, DrawKind kind, ulong id) => _state = Mix(Mix(seed + ((ulong)kind * KindFactor)) + (id * IdFactor));

    /// <summary>64 even bits.</summary>
    public ulong Bits(ulong index) => Mix(_state + (index * IndexFactor));

    /// <summary>A number in [0, 1), evenly distributed.</summary>
    public double Uniform(ulong index) => (long)(Bits(index) >> 11) * (1.0 / 9007199254740992.0);

    /// <summary>A number of mean 0 and variance 1, nearly normal.</summary>
    public double Gaussian(int index)
    {
        ulong pair = 2 * (ulong)index;
        return (SumOfFields(Bits(pair)) + SumOfFields(Bits(pair + 1)) - (Fields * FieldMean)) * InverseDeviation;
    }

    private static int SumOfFields(ulong bits) => (int)((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48));

    /// <summary>The finaliser of SplitMix64.</summary>
    private static ulong Mix(ulong x)
    {
        x ^= x >> 30;
        x *= 0xBF58476D1CE4E5B9;
        x ^= x >> 27;
        x *= 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
