using Clss.Embedder.Inputs;
using Clss.Query.Evaluation;

namespace Clss.Query.Tests.Evaluation;

public class MiddleHalfTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("ABCDE", "ABCDE")]
    [InlineData("ABCDEFGHIJ", "ABCDEFGHIJ")]
    [InlineData("ABCDEFGHIJK", "ABCDEFGHIJ")]
    [InlineData("ABCDEFGHIJKL", "BCDEFGHIJK")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTU", "FGHIJKLMNO")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "GHIJKLMNOPQRS")]
    public void Of_ASequence_IsItsMiddle(string residues, string expected) =>
        Assert.Equal(expected, MiddleHalf.Of(new ProteinSequence(residues)).Residues);
}
