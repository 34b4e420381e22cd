namespace Clss.Embedder.Tests;

public class ExceptionTests
{
    [Fact]
    public void Message_IsKept_WithItsCause()
    {
        var cause = new InvalidOperationException("cause");
        Assert.Same(cause, new ClssEmbedderException("what", cause).InnerException);
    }
}
