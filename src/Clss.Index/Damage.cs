namespace Clss.Index;

/// <summary>One damaged place of a collection.</summary>
/// <param name="File">The file's name in the collection's folder.</param>
/// <param name="Section">The section, record or field in it.</param>
/// <param name="Message">What was expected and what was found.</param>
public sealed record Damage(string File, string Section, string Message);
