namespace Clss.Architecture.Tests;

/// <summary>A project, the arrows that leave it, and the packages it may use itself.</summary>
internal sealed record Layer(string Project, string Assembly, IReadOnlyList<string> Projects, IReadOnlyList<string> Packages);
