using Clss.Embedder.Weights;

namespace Clss.Embedder.Hub;

/// <summary>One installation: downloads the files of an entry, makes its folder beside the others and gives it its name in one step.</summary>
internal sealed class ModelInstallation(ModelCatalogEntry entry, InstallOptions options, string models, string downloads)
{
    private readonly HubSettings _settings = options.Settings ?? HubSettings.FromEnvironment();
    private readonly IReadOnlyList<string?> _hashes = ParseHashes(entry, options.Sha256);

    /// <summary>When the licence was accepted: before anything is asked of a server.</summary>
    private readonly DateTimeOffset _begun = DateTimeOffset.UtcNow;

    private string Incoming => Path.Combine(models, ".incoming-" + entry.Name);

    /// <summary>The SHA-256 that each file must have, null where that is left to the hub.</summary>
    /// <exception cref="HubException">Not as many as there are files, or no SHA-256.</exception>
    public static IReadOnlyList<string?> ParseHashes(ModelCatalogEntry entry, string? text)
    {
        if (text is null)
        {
            return [.. entry.Files.Select(_ => (string?)null)];
        }

        string[] parts = text.Split(',');
        return parts.Length == entry.Files.Count
            ? [.. parts.Select(Sha256Text.Parse)]
            : throw new HubException(
                HubFailure.HashMismatch,
                $"'{entry.Name}' has {entry.Files.Count} files ({string.Join(", ", entry.Files.Select(file => file.Name))}): expected as many SHA-256, " +
                $"in this order and separated by commas, found {parts.Length}.");
    }

    public async Task RunAsync(IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        TakeBack();
        DownloadResult[] results = await DownloadAllAsync(progress, cancellationToken).ConfigureAwait(false);
        string first = results[0].Path;
        ModelOrigin origin = Describe(results);
        if (entry.IsStructureWeights)
        {
            Publish(origin, built => MoveStructureFiles(results, built));
            return;
        }

        progress?.Report(new DownloadProgress(results[0].Size, results[0].Size, $"Importing {Path.GetFileName(first)}."));
        Publish(origin, built =>
            ModelImporter.Import(first, built, new ModelImportOptions { Type = options.WeightType, Name = entry.Name }, cancellationToken));
        if (!options.KeepCheckpoint)
        {
            StorageErrors.Attempt(first, () => File.Delete(first));
        }
    }

    private async Task<DownloadResult[]> DownloadAllAsync(IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var results = new DownloadResult[entry.Files.Count];
        using var downloader = new ModelDownloader(_settings, options.Download);
        for (int i = 0; i < results.Length; i++)
        {
            if (results.Length > 1)
            {
                progress?.Report(new DownloadProgress(0, null, $"{entry.Files[i].Name} ({i + 1} of {results.Length})"));
            }

            results[i] = await downloader.DownloadAsync(Request(i), progress, cancellationToken).ConfigureAwait(false);
            if (results[i].Commit != results[0].Commit)
            {
                throw new HubException(
                    HubFailure.Protocol,
                    $"{entry.Repository}: {entry.Files[0].Name} came from commit {results[0].Commit ?? "(unknown)"}, {entry.Files[i].Name} from " +
                    $"{results[i].Commit ?? "(unknown)"}: the repository changed between them. Run again; what is still current is kept.");
            }
        }

        return results;
    }

    private DownloadRequest Request(int index)
    {
        ModelCatalogFile file = entry.Files[index];
        return new DownloadRequest
        {
            Source = entry.ResolveUri(_settings.Endpoint, file, options.Revision),
            Destination = DownloadPath(file),
            Sha256 = _hashes[index] ?? file.Sha256,
            Sha256Source = _hashes[index] is null ? HashSource.Catalog : HashSource.User,
            Size = file.Size,
            AccessPage = entry.PageUri(_settings.Endpoint),
        };
    }

    private string DownloadPath(ModelCatalogFile file) =>
        Path.Combine(downloads, entry.Files.Count == 1 ? entry.Name + Path.GetExtension(file.Name) : $"{entry.Name}-{file.Name}");

    private ModelOrigin Describe(DownloadResult[] results) => new()
    {
        Address = RedirectRules.ShortUri(entry.ResolveUri(_settings.Endpoint, entry.Files[0], options.Revision)),
        Revision = options.Revision ?? entry.Revision,
        Commit = results[0].Commit,
        Sha256 = results[0].Sha256,
        Sha256Source = results[0].Sha256Source,
        Size = results.Sum(result => result.Size),
        Installed = DateTimeOffset.UtcNow,
        Files = !entry.IsStructureWeights ? [] :
        [
            .. results.Select((result, i) => new ModelOriginFile
            {
                Name = entry.Files[i].Name,
                Size = result.Size,
                Sha256 = result.Sha256,
                Sha256Source = result.Sha256Source,
            }),
        ],
        Licence = entry.Licence?.Name,
        LicenceAccepted = entry.Licence is null ? null : _begun,
    };

    /// <summary>Moved, not copied: the disk holds gigabytes once. All are looked at before the first is moved.</summary>
    private void MoveStructureFiles(DownloadResult[] results, string built)
    {
        foreach (DownloadResult result in results)
        {
            StructureFiles.RequireCheckpoint(result.Path);
        }

        Directory.CreateDirectory(built);
        File.WriteAllText(Path.Combine(built, ModelSourceReader.ConfigFile), StructureFiles.PublishedConfig);
        for (int i = 0; i < results.Length; i++)
        {
            File.Move(results[i].Path, Path.Combine(built, entry.Files[i].Name));
        }
    }

    private void Publish(ModelOrigin origin, Action<string> build)
    {
        string incoming = Incoming;
        string leaving = Path.Combine(models, ".leaving-" + entry.Name);
        string directory = Path.Combine(models, entry.Name);
        try
        {
            ModelStore.DeleteFolder(incoming);
            ModelStore.DeleteFolder(leaving);
            Directory.CreateDirectory(incoming);
            string built = Path.Combine(incoming, entry.Name);
            build(built);
            origin.Write(built);
            if (Directory.Exists(directory))
            {
                Directory.Move(directory, leaving);
            }

            Directory.Move(built, directory);
            ModelStore.DeleteFolder(leaving);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, directory, "written");
        }
        catch (WeightFormatException exception) when (exception.InnerException is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception.InnerException, directory, "written");
        }
        catch (WeightFormatException exception)
        {
            string what = entry.Files.Count == 1
                ? $"{DownloadPath(entry.Files[0])}: arrived intact (SHA-256 {origin.Sha256})"
                : $"{entry.Name}: {string.Join(" and ", origin.Files.Select(file => $"{file.Name} (SHA-256 {file.Sha256})"))} arrived intact";
            throw new HubException(HubFailure.BadCheckpoint, $"{what} but can not be imported: {exception.Message} What arrived is kept for inspection in {downloads}.", exception);
        }
        finally
        {
            TakeBack();
            DeleteLeftover(incoming);
        }
    }

    /// <summary>Downloads that were moved into a folder that never got its name go back to where the next run finds them: they can be gigabytes.</summary>
    private void TakeBack()
    {
        foreach (ModelCatalogFile file in entry.IsStructureWeights ? entry.Files : [])
        {
            string moved = Path.Combine(Incoming, entry.Name, file.Name);
            if (File.Exists(moved))
            {
                StorageErrors.Attempt(moved, () => File.Move(moved, DownloadPath(file), overwrite: true));
            }
        }
    }

    private static void DeleteLeftover(string path)
    {
        try
        {
            ModelStore.DeleteFolder(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next installation deletes it; the error that led here is the one to report.
        }
    }
}
