using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace SlabGen.Generators;

/// <summary>
/// Writes a class that nothing can be done with, for a struct that breaks a rule: its name and the names of its members are there, so that the user reads
/// one error and not one for each use. Its objects are <c>dynamic</c>, since no pointer to the struct may be named.
/// </summary>
internal static class PlaceholderWriter
{
    // In the C# of any project: what the language is too old for is one of the rules.
    private const string Members =
        """
        public static global::SlabGen.KmemCache Cache => throw null!;
        public static dynamic Alloc() => throw null!;
        public static dynamic Alloc(global::SlabGen.GfpFlags gfp, int node = -1) => throw null!;
        public static dynamic AllocZeroed() => throw null!;
        public static dynamic AllocHandle() => throw null!;
        public static bool TryAlloc(out dynamic result) => throw null!;
        public static bool TryAlloc<TResult>(out TResult result) => throw null!;
        public static bool TryAlloc(global::SlabGen.GfpFlags gfp, out dynamic result, int node = -1) => throw null!;
        public static bool TryAlloc<TResult>(global::SlabGen.GfpFlags gfp, out TResult result, int node = -1) => throw null!;
        public static bool TryAllocHandle(out dynamic result) => throw null!;
        public static bool TryAllocHandle<TResult>(out TResult result) => throw null!;
        public static void Free(dynamic? obj) => throw null!;
        public static bool TryFree(dynamic? obj) => throw null!;
        public static void FreeDeferred(dynamic? obj) => throw null!;
        public static void AllocBulk<TResult>(TResult[] objects) => throw null!;
        public static void AllocBulk<TResult>(global::System.Span<TResult> objects) => throw null!;
        public static void FreeBulk<TResult>(TResult[] objects) => throw null!;
        public static void FreeBulk<TResult>(global::System.Span<TResult> objects) => throw null!;
        public static void FreeBulk<TResult>(global::System.ReadOnlySpan<TResult> objects) => throw null!;
        public static Lease Rent() => throw null!;
        public static Reservation Reserve(int count) => throw null!;
        public static Local OpenLocal() => throw null!;
        """;

    private static readonly string[] s_types =
    [
        """
        public sealed class Lease : global::System.IDisposable
        {
            public dynamic Value => throw null!;
            public dynamic Pointer => throw null!;
            public void Dispose() => throw null!;
        }
        """,
        """
        public sealed class Reservation : global::System.IDisposable
        {
            public int Remaining => throw null!;
            public dynamic Alloc() => throw null!;
            public bool TryAlloc(out dynamic result) => throw null!;
            public void Dispose() => throw null!;
        }
        """,
        """
        public sealed class Local
        {
            public dynamic Alloc() => throw null!;
            public bool TryAlloc(out dynamic result) => throw null!;
            public void Free(dynamic? obj) => throw null!;
        }
        """,
    ];

    /// <summary>The text of the file.</summary>
    public static SourceText Write(SlabCacheModel model)
    {
        IndentedWriter writer = new();
        writer.Write(CacheClassWriter.Header);
        if (model.HidesImported)
        {
            writer.Write("#pragma warning disable CS0436\n");
        }

        writer.Write("// Placeholder: an error says why there is no class. Members are undocumented, and take a name of the struct's own for theirs.\n#pragma warning disable CS1591, CS0693\n");
        if (model.RuntimeAlias is { } runtime)
        {
            writer.Write($"extern alias {runtime};\n");
        }

        if (model.Namespace.Length > 0)
        {
            writer.Open($"namespace {model.Namespace}");
        }

        WriteClass(writer, model);
        foreach (LinkModel link in model.Links)
        {
            WriteLink(writer, model, link);
        }

        if (model.Namespace.Length > 0)
        {
            writer.Close();
        }

        string text = writer.ToString();
        return SourceText.From(model.RuntimeAlias is { } alias ? text.Replace("global::SlabGen.", alias + "::SlabGen.") : text, Encoding.UTF8);
    }

    /// <summary>A pointer in fields of other structs, which are none the worse for this one.</summary>
    private static void WriteLink(IndentedWriter writer, SlabCacheModel model, LinkModel link)
    {
        string name = Identifier.EscapeDeclared(link.Name) + ParametersOf(model);
        writer.Write(CacheClassWriter.GeneratedCode);
        writer.Open($"{model.Accessibility} readonly partial struct {name}");
        writer.Write(
            $"""
            private readonly {(link.Kind == LinkKind.SmallPointer ? "uint" : "global::System.IntPtr")} _address;
            public {Identifier.EscapeDeclared(link.Name)}(global::System.IntPtr address) => _address = {(link.Kind == LinkKind.SmallPointer ? "(uint)address" : "address")};
            public global::System.IntPtr Address => throw null!;
            public bool IsNull => _address == default;
            public bool IsLive => throw null!;
            public dynamic Value => throw null!;
            public bool TryGet(out dynamic pointer) => throw null!;
            public static bool operator ==({name} left, object? right) => throw null!;
            public static bool operator !=({name} left, object? right) => throw null!;
            public override bool Equals(object? obj) => throw null!;
            public override int GetHashCode() => throw null!;
            """);
        writer.Close();
    }

    private static string ParametersOf(SlabCacheModel model) =>
        model.TypeParameters.Count == 0 ? "" : $"<{string.Join(", ", model.TypeParameters.Select(static parameter => parameter.Name))}>";

    private static void WriteClass(IndentedWriter writer, SlabCacheModel model)
    {
        foreach (string attribute in model.Warnings)
        {
            writer.Write(attribute);
        }

        writer.Write(CacheClassWriter.GeneratedCode);
        writer.Open($"{model.Accessibility} static partial class {Identifier.EscapeDeclared(model.ClassName)}{ParametersOf(model)}");

        // A class has no member of its own name (CS0542); that it asks for one is a rule it breaks.
        foreach (string member in Members.Split('\n').Concat(s_types).Where(text => !Regex.IsMatch(text, $@"^public [^(=\r\n]*\b{Regex.Escape(model.ClassName)}[(< \r\n]")))
        {
            writer.Write(member);
        }

        writer.Close();
    }
}
