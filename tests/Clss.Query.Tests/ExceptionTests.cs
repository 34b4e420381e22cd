namespace Clss.Query.Tests;

public class ExceptionTests
{
    [Fact]
    public void Message_IsKept_WithItsCause()
    {
        var cause = new InvalidOperationException("cause");
        Assert.Same(cause, new ClssQueryException("what", cause).InnerException);
    }
}
