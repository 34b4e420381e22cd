namespace Clss.Embedder.Hub;

/// <summary>Environment variables, of the process or given; an empty variable counts as absent.</summary>
internal sealed class HubEnvironment(IReadOnlyDictionary<string, string>? variables)
{
    public string? this[string name]
    {
        get
        {
            string? value = variables is null ? Environment.GetEnvironmentVariable(name) : variables.GetValueOrDefault(name);
            return string.IsNullOrWhiteSpace(value) ? null : value.Trim();
        }
    }

    public string? Home
    {
        get
        {
            string? home = this["HOME"] ?? this["USERPROFILE"];
            if (home is null && variables is null)
            {
                home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            }

            return string.IsNullOrEmpty(home) ? null : home;
        }
    }

    // The spellings that huggingface_hub takes for true.
    public bool IsTrue(string name) => this[name]?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";
}
