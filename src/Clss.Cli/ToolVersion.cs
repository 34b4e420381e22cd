using System.Reflection;

namespace Clss.Cli;

/// <summary>The version of this program.</summary>
internal static class ToolVersion
{
    /// <summary>For example <c>0.1.0</c>, without the commit that a build adds after a plus sign.</summary>
    public static string Text { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
