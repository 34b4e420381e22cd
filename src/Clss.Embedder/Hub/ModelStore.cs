using Clss.Embedder.Weights;

namespace Clss.Embedder.Hub;

/// <summary>
/// The models of this user: <c>models/NAME/</c> holds a model directory each, <c>downloads/</c> what is on its way.
/// A model appears under its name when it is complete, in one step.
/// </summary>
public sealed class ModelStore
{
    private const int MaxNameLength = 64;

    // Devices on Windows, whatever their extension.
    private static readonly string[] ReservedNames =
    [
        "CON", "PRN", "AUX", "NUL",
        "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
        "LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
    ];

    private readonly string _models;
    private readonly string _downloads;

    /// <summary>Opens a store; its folders are created when something is installed.</summary>
    /// <param name="root">The store's folder; <see cref="DefaultRoot"/> when null.</param>
    public ModelStore(string? root = null)
    {
        Root = Path.GetFullPath(root ?? DefaultRoot());
        _models = Path.Combine(Root, "models");
        _downloads = Path.Combine(Root, "downloads");
    }

    /// <summary>The store's folder.</summary>
    public string Root { get; }

    /// <summary>
    /// <c>CLSS_HOME</c>, else <c>$XDG_CACHE_HOME/clss</c>, else <c>clss</c> in the platform's folder for local application data
    /// (<c>~/.local/share</c>, <c>~/Library/Application Support</c>, <c>%LOCALAPPDATA%</c>).
    /// </summary>
    /// <param name="variables">Variables to read instead of the process's own.</param>
    public static string DefaultRoot(IReadOnlyDictionary<string, string>? variables = null)
    {
        var environment = new HubEnvironment(variables);
        if (environment["CLSS_HOME"] is { } home)
        {
            return home;
        }

        // The XDG specification: a relative path is invalid and is to be ignored.
        if (environment["XDG_CACHE_HOME"] is { } cache && Path.IsPathRooted(cache))
        {
            return Path.Combine(cache, "clss");
        }

        string local = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return local.Length > 0
            ? Path.Combine(local, "clss")
            : throw new HubException(HubFailure.Storage, "There is no home folder to keep models in. Set CLSS_HOME to a folder.");
    }

    /// <summary>Returns a name that is fit to be a folder's name everywhere, else refuses it.</summary>
    /// <exception cref="HubException">The name is empty, too long, reserved, or has other characters than letters, digits, '.', '_' and '-'.</exception>
    public static string CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool isFit = name.Length is > 0 and <= MaxNameLength
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-')
            && char.IsAsciiLetterOrDigit(name[0])
            && name[^1] != '.'
            && !ReservedNames.Contains(name.Split('.')[0], StringComparer.OrdinalIgnoreCase);
        return isFit
            ? name
            : throw new HubException(
                HubFailure.UnknownName,
                $"'{name}' can not be a model's name: 1 to {MaxNameLength} ASCII letters, digits, '.', '_' and '-', beginning with a letter or digit.");
    }

    /// <summary>The installed models by name, damaged ones included (see <see cref="InstalledModel.Problem"/>). The built-in model is not among them.</summary>
    public IReadOnlyList<InstalledModel> List()
    {
        try
        {
            return !Directory.Exists(_models)
                ? []
                : [.. Directory.EnumerateDirectories(_models)
                    .Where(directory => !Path.GetFileName(directory).StartsWith('.'))
                    .Select(Describe)
                    .OrderBy(model => model.Name, StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, _models, "read");
        }
    }

    /// <summary>The installed model of a name, or null. Names of the catalogue are found in any case.</summary>
    public InstalledModel? Find(string name)
    {
        string directory = DirectoryOf(ModelCatalog.Find(name)?.Name ?? CheckName(name));
        return Directory.Exists(directory) ? Describe(directory) : null;
    }

    /// <summary>The folder of the structure weights, for models without a structure tower of their own; null where they are not installed.</summary>
    /// <exception cref="ClssEmbedderException">They are installed, but a file is absent or was cut.</exception>
    public string? StructureDirectory => Find(ModelCatalog.StructureName) switch
    {
        { IsStructureWeights: true, Problem: null } installed => installed.Path,
        { IsStructureWeights: true } damaged => throw new ClssEmbedderException(
            $"The structure weights are damaged: {damaged.Problem} To fetch them again: clss models get {ModelCatalog.StructureName}"),
        _ => null,
    };

    /// <summary>
    /// The folder of the structure weights that complete a model: null where the model brings its own, has no adapter for structures, none are
    /// installed, or those installed have another width than its adapter takes.
    /// </summary>
    /// <exception cref="ClssEmbedderException">They are installed and damaged.</exception>
    public string? StructureDirectoryFor(ModelSource model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.HasStructure || !model.Description.HasStructureAdapter || StructureDirectory is not { } directory)
        {
            return null;
        }

        using StructureSource structure = StructureSource.Open(directory);
        return structure.Tower.Width == model.Weights.Tensors[ModelTensors.StructureAdapterWeight].Shape[1] ? directory : null;
    }

    /// <summary>Reads a whole model directory or structure weights, and compares every file with what was recorded when it was installed.</summary>
    /// <returns>One sentence per problem; empty for a folder in order.</returns>
    public static IReadOnlyList<string> Verify(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return StructureFiles.AreIn(directory) ? StructureFiles.Verify(directory) : ModelDirectory.Verify(directory);
    }

    /// <summary>The folder of a model of this name, whether it is there or not.</summary>
    /// <exception cref="HubException">The name is not fit to be a folder's name.</exception>
    public string PathOf(string name) => DirectoryOf(CheckName(name));

    /// <summary>
    /// Downloads a model of the catalogue and makes a model directory of it, or keeps the weights of the structure tower as they are.
    /// Does nothing when it is installed and whole.
    /// </summary>
    /// <exception cref="HubException">It can not be installed; the message says why and what to do.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the next call goes on with what has arrived.</exception>
    public async Task<InstalledModel> InstallAsync(
        string name, InstallOptions? options = null, IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new InstallOptions();
        ModelCatalogEntry entry = ModelCatalog.Get(name);
        if (entry.IsBuiltIn)
        {
            throw new HubException(HubFailure.UnknownName, $"The model '{entry.Name}' is built in: it needs no download.");
        }

        if (!options.Replace && Find(entry.Name) is { Problem: null } installed && IsTheOneWanted(entry, installed, options))
        {
            return installed;
        }

        if (entry.Licence is not null && !options.LicenceAccepted)
        {
            Uri endpoint = (options.Settings ?? HubSettings.FromEnvironment()).Endpoint;
            throw new HubException(
                HubFailure.LicenceNotAccepted,
                $"The licence of '{entry.Name}' has not been accepted; nothing was downloaded.\n\n{entry.ExplainLicence(endpoint)}\n\n" +
                $"If you accept: clss models get {entry.Name} --accept-licence");
        }

        CreateFolders();
        using StoreLock held = StoreLock.Take(Path.Combine(_downloads, entry.Name + ".lock"), entry.Name);
        await new ModelInstallation(entry, options, _models, _downloads).RunAsync(progress, cancellationToken).ConfigureAwait(false);
        return Describe(DirectoryOf(entry.Name));
    }

    /// <summary>Removes an installed model; false when there is none of this name.</summary>
    /// <exception cref="HubException">It is being installed, or its files can not be removed.</exception>
    public bool Remove(string name)
    {
        if (Find(name) is not { } model)
        {
            return false;
        }

        CreateFolders();
        using StoreLock held = StoreLock.Take(Path.Combine(_downloads, model.Name + ".lock"), model.Name);
        StorageErrors.Attempt(model.Path, () =>
        {
            // Renamed first: a model that is only half there has no name.
            string leaving = Path.Combine(_models, ".leaving-" + model.Name);
            DeleteFolder(leaving);
            Directory.Move(model.Path, leaving);
            DeleteFolder(leaving);
        });
        return true;
    }

    private static bool IsTheOneWanted(ModelCatalogEntry entry, InstalledModel installed, InstallOptions options)
    {
        if (options.Revision is not null && options.Revision != installed.Origin?.Revision && options.Revision != installed.Origin?.Commit)
        {
            return false;
        }

        IEnumerable<string?> found = installed.Origin is not { } origin ? []
            : origin.Files.Count == 0 ? [origin.Sha256]
            : origin.Files.Select(file => file.Sha256);
        return options.Sha256 is null || ModelInstallation.ParseHashes(entry, options.Sha256).SequenceEqual(found);
    }

    private static InstalledModel Describe(string directory)
    {
        bool isStructure = StructureFiles.AreIn(directory);
        ModelManifest? manifest = null;
        ModelOrigin? origin = null;
        string? problem = null;
        try
        {
            CheckName(Path.GetFileName(directory));
            origin = ModelOrigin.Read(directory);
            manifest = isStructure ? null : ModelDirectory.Load(directory);
            problem = manifest is null ? StructureFiles.FindProblem(directory, origin) : FindProblem(directory, manifest);
        }
        catch (ClssEmbedderException exception)
        {
            problem = exception.Message;
        }

        return new InstalledModel
        {
            Name = Path.GetFileName(directory),
            Path = directory,
            Size = new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length),
            Fingerprint = manifest?.Fingerprint ?? "",
            IsStructureWeights = isStructure,
            Origin = origin,
            Problem = problem,
        };
    }

    private static string? FindProblem(string directory, ModelManifest manifest)
    {
        foreach (ModelFile expected in manifest.Files)
        {
            var found = new FileInfo(Path.Combine(directory, expected.Name));
            if (!found.Exists || found.Length != expected.Bytes)
            {
                string what = found.Exists ? $"has {found.Length} bytes, expected {expected.Bytes}" : "is absent";
                return $"{found.FullName} {what}. Install the model again.";
            }
        }

        return null;
    }

    private string DirectoryOf(string name) => Path.Combine(_models, name);

    private void CreateFolders() => StorageErrors.Attempt(Root, () =>
    {
        Directory.CreateDirectory(_models);
        Directory.CreateDirectory(_downloads);
    });

    internal static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
