namespace Clss.Fuzz.Tests.Fasta;

/// <summary>Damages bytes as disks, networks and editors do: flips, cuts, doublings, insertions and swapped pieces.</summary>
internal sealed class Mutator
{
    private readonly Random _random;

    public Mutator(int seed) => _random = new Random(seed);

    public byte[] Mutate(byte[] bytes)
    {
        List<byte> mutated = [.. bytes];
        for (int i = _random.Next(1, 6); i > 0 && mutated.Count > 0; i--)
        {
            int at = _random.Next(mutated.Count);
            int length = _random.Next(Math.Min(64, mutated.Count - at)) + 1;
            switch (_random.Next(6))
            {
                case 0:
                    mutated[at] ^= (byte)(1 << _random.Next(8));
                    break;
                case 1:
                    mutated[at] = (byte)_random.Next(256);
                    break;
                case 2:
                    mutated.RemoveRange(at, mutated.Count - at);
                    break;
                case 3:
                    mutated.RemoveRange(at, length);
                    break;
                case 4:
                    mutated.InsertRange(at, mutated.GetRange(at, length));
                    break;
                default:
                    byte[] noise = new byte[length];
                    _random.NextBytes(noise);
                    mutated.InsertRange(at, noise);
                    break;
            }
        }

        return [.. mutated];
    }
}
