#:project ../src/Clss.Embedder/Clss.Embedder.csproj
#:property PublishAot=false
#:property RestorePackagesWithLockFile=false

using Clss.Embedder.Weights;

if (args is not [string source, string target])
{
    Console.Error.WriteLine("usage: dotnet run tools/refresh-builtin-model.cs -- SOURCE_DIR TARGET_DIR");
    return 2;
}

try
{
    ModelManifest manifest = ModelImporter.Import(source, target, new ModelImportOptions
    {
        Type = null,
        Replace = true,
        Notice = "a very small model for trying out and testing; its hits are no findings. For real work: clss models get CLSS-sub",
    });
    Console.WriteLine($"{manifest.Description.Name}: {manifest.Fingerprint}");
    foreach (ModelFile file in manifest.Files)
    {
        Console.WriteLine($"{file.Name}\t{file.Bytes} bytes\t{file.Sha256}");
    }

    return 0;
}
catch (WeightFormatException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
