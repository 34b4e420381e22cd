using System.Text.Json;
using Clss.Embedder.Models.Esm2;
using Clss.Testing;

namespace Clss.Embedder.Tests.Models;

public class EsmTokenizerTests
{
    [Theory]
    [InlineData("", "<cls> <eos>")]
    [InlineData("MK", "<cls> M K <eos>")]
    [InlineData("JJJ", "<cls> <unk> <eos>")]
    [InlineData("acdef", "<cls> <unk> <eos>")]
    [InlineData("12 34", "<cls> <unk> <unk> <eos>")]
    [InlineData("1 A 2", "<cls> <unk> A <unk> <eos>")]
    [InlineData("AC<mask>D", "<cls> A C <mask> D <eos>")]
    [InlineData("<null_1><pad><unk>", "<cls> <null_1> <pad> <unk> <eos>")]
    [InlineData("<MASK>", "<cls> <unk> M A S K <unk> <eos>")]
    [InlineData("< mask>", "<cls> <unk> <unk> <eos>")]
    [InlineData("<mask", "<cls> <unk> <eos>")]
    [InlineData("j<mask>j", "<cls> <unk> <mask> <unk> <eos>")]
    [InlineData(" A\tC\r\n\u001cD\u00a0", "<cls> A C D <eos>")]
    [InlineData("a.-*", "<cls> <unk> . - <unk> <eos>")]
    public void Tokenize_OfText_GivesTokens(string text, string expected)
    {
        Assert.Equal(expected, string.Join(' ', EsmTokenizer.Tokenize(text).Select(EsmTokenizer.TextOf)));
    }

    [Fact]
    public void Tokenize_AppendsToAList()
    {
        List<int> tokens = [7];
        Assert.Equal(3, EsmTokenizer.Tokenize("L", tokens));
        Assert.Equal([7, 0, 4, 2], tokens);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(33)]
    public void TextOf_OutsideTheVocabulary_Fails(int token)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EsmTokenizer.TextOf(token));
    }

    [Fact]
    public void Vocabulary_EqualsTheCheckpoints()
    {
        string[] lines = File.ReadAllLines(Repository.SharedPath("golden", "esm2-tiny", "vocab.txt"));
        Assert.Equal(lines, Enumerable.Range(0, EsmTokenizer.VocabularySize).Select(EsmTokenizer.TextOf));
    }

    [Fact]
    public void Tokenize_OfGoldenSequences_IsExact()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Repository.SharedPath("golden", "esm2-tiny.golden.json")));
        int cases = 0;
        foreach (JsonElement entry in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            string sequence = entry.GetProperty("sequence").GetString()!;
            int[] tokens = EsmTokenizer.Tokenize(sequence);
            Assert.Equal(entry.GetProperty("n_tokens").GetInt32(), tokens.Length);
            if (entry.GetProperty("input_ids").ValueKind == JsonValueKind.Array)
            {
                Assert.Equal(entry.GetProperty("input_ids").EnumerateArray().Select(id => id.GetInt32()), tokens);
                Assert.Equal(entry.GetProperty("tokens").EnumerateArray().Select(text => text.GetString()), tokens.Select(EsmTokenizer.TextOf));
            }
            else
            {
                // The two longest have a remark in place of the list: one token per letter.
                Assert.Equal(sequence, string.Concat(tokens[1..^1].Select(EsmTokenizer.TextOf)));
            }

            cases++;
        }

        Assert.Equal(19, cases);
    }
}
