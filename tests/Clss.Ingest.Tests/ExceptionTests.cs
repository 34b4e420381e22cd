namespace Clss.Ingest.Tests;

public class ExceptionTests
{
    [Fact]
    public void Message_IsKept_WithItsCause()
    {
        var cause = new InvalidOperationException("cause");
        Assert.Same(cause, new ClssIngestException("what", cause).InnerException);
    }
}
