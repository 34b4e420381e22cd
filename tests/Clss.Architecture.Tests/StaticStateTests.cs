using System.CodeDom.Compiler;
using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text;

namespace Clss.Architecture.Tests;

/// <summary>No state that lives as long as the process: static fields never change, nor does what they hold.</summary>
public class StaticStateTests
{
    // "Type.Field" and why it may change. An entry that is not needed is a fault too.
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal);

    private static readonly HashSet<Type> MutableDefinitions =
    [
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(SortedDictionary<,>), typeof(SortedSet<>), typeof(SortedList<,>),
        typeof(Queue<>), typeof(Stack<>), typeof(LinkedList<>), typeof(ConcurrentDictionary<,>), typeof(ConcurrentQueue<>), typeof(ConcurrentBag<>),
    ];

    public static TheoryData<string> Assemblies => [.. Layering.All.Select(layer => layer.Assembly)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void StaticFields_OfAnAssembly_NeverChange(string assembly) =>
        SourceTree.AssertNone(StaticFields(Assembly.Load(assembly))
            .Select(field => (Name: $"{field.DeclaringType!.FullName}.{field.Name}", Fault: Fault(field)))
            .Where(field => field.Fault is not null && !Allowed.ContainsKey(field.Name))
            .Select(field => $"{field.Name} {field.Fault}"));

    [Fact]
    public void Allowed_Entries_AreAllNeeded() =>
        SourceTree.AssertNone(Allowed.Keys.Except(Layering.All
            .SelectMany(layer => StaticFields(Assembly.Load(layer.Assembly)))
            .Where(field => Fault(field) is not null)
            .Select(field => $"{field.DeclaringType!.FullName}.{field.Name}")));

    [Theory]
    [InlineData(nameof(Faulty.Counter), true)]
    [InlineData(nameof(Faulty.Names), true)]
    [InlineData(nameof(Faulty.Table), true)]
    [InlineData("<Setting>k__BackingField", true)]
    [InlineData(nameof(Faulty.Title), false)]
    [InlineData("Weights", false)]
    public void Fault_OfKnownFields_IsSeen(string field, bool expected)
    {
        FieldInfo found = Assert.Single(StaticFields(typeof(Faulty).Assembly), each => each.DeclaringType == typeof(Faulty) && each.Name == field);
        Assert.Equal(expected, Fault(found) is not null);
    }

    /// <summary>Static fields that somebody wrote: not the caches of the compiler and not generated code.</summary>
    private static IEnumerable<FieldInfo> StaticFields(Assembly assembly) =>
        assembly.GetTypes()
            .Where(type => !IsGenerated(type))
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(field => !field.IsLiteral && (!field.Name.StartsWith('<') || field.Name.EndsWith("k__BackingField", StringComparison.Ordinal)));

    private static bool IsGenerated(Type type) =>
        type.Name.StartsWith('<') || type.GetCustomAttribute<GeneratedCodeAttribute>() is not null
        || (type.DeclaringType is { } outer && IsGenerated(outer));

    private static string? Fault(FieldInfo field)
    {
        if (!field.IsInitOnly)
        {
            return "is static and not readonly";
        }

        Type type = field.FieldType;
        bool isMutable = (type.IsGenericType && MutableDefinitions.Contains(type.GetGenericTypeDefinition()))
            || type == typeof(StringBuilder) || typeof(Hashtable).IsAssignableFrom(type) || type == typeof(ArrayList)
            || type == typeof(Random);
        if (isMutable)
        {
            return $"is a static {type.Name}, which can be changed; use a frozen or read-only collection";
        }

        // A private table is a constant by discipline; others could write into a visible one.
        return type.IsArray && !field.IsPrivate ? "is a static array that others can write to; make it private or a ReadOnlySpan property" : null;
    }

    private static class Faulty
    {
        public static readonly string Title = "title";
        public static readonly List<string> Names = [];
        public static readonly float[] Table = [1, 2];
        private static readonly float[] Weights = [1, 2];

#pragma warning disable CA2211 // Fields that can change are what this test is about.
        public static int Counter = Weights.Length;
#pragma warning restore CA2211

        public static int Setting { get; set; }
    }
}
