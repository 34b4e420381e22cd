namespace Clss.Embedder.Tests;

public class ExceptionTests
{
    [Fact]
    public void Message_IsKept_WithItsCause()
    {
        var cause = new InvalidOperationException("cause");
        Assert.Same(cause, new ClssEmbedderException("what", cause).InnerException);
    }

    [Fact]
    public void StructureWeightsMissing_Message_SaysWhatWorksAndWhatToDo()
    {
        ClssEmbedderException exception = new StructureWeightsMissingException();
        Assert.Equal(
            "Structure weights not found. Sequence search works without them. To fetch: clss models get structure (needs accepting the ESM3 licence).",
            exception.Message);
    }
}
