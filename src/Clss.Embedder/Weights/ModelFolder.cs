using System.Reflection;

namespace Clss.Embedder.Weights;

/// <summary>The files of a model: a folder on disk, or the built-in model inside the assembly.</summary>
internal abstract class ModelFolder
{
    /// <summary>The path or name, for messages.</summary>
    public abstract string Place { get; }

    /// <summary>The folder's own name, which names a model whose files do not.</summary>
    public abstract string Name { get; }

    public abstract bool Has(string file);

    /// <exception cref="WeightFormatException">The file is absent or may not be read.</exception>
    public abstract ByteSource Open(string file);

    public JsonObjectReader ReadJson(string file)
    {
        using ByteSource source = Open(file);
        return JsonObjectReader.Parse(source);
    }

    internal sealed class OnDisk(string path) : ModelFolder
    {
        public override string Place => path;

        public override string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

        public override bool Has(string file) => File.Exists(Path.Combine(path, file));

        public override ByteSource Open(string file) => ByteSource.Open(Path.Combine(path, file));
    }

    /// <summary>Read in place from the assembly's resources, so that a single-file or native program needs no temporary files.</summary>
    internal sealed class BuiltIn : ModelFolder
    {
        /// <summary>As <c>Clss.Embedder.csproj</c> names the embedded files.</summary>
        private const string ResourcePrefix = "Clss.Embedder.BuiltIn/";

        private static Assembly Assembly => typeof(BuiltIn).Assembly;

        public override string Place => "the built-in model";

        public override string Name => "built-in";

        public override bool Has(string file) => Assembly.GetManifestResourceInfo(ResourcePrefix + file) is not null;

        public override ByteSource Open(string file) =>
            Assembly.GetManifestResourceStream(ResourcePrefix + file) is { } stream
                ? ByteSource.Open(stream, $"{Place}, {file}")
                : throw new WeightFormatException($"{Place} has no file '{file}'.");
    }
}
