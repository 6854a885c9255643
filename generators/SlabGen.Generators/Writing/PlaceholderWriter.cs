using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.Text;

namespace SlabGen.Generators;

/// <summary>
/// Writes a class and pointers without any code, for a struct that breaks a rule. Their names and the names of their
/// members exist, so that the user sees one error, and not one for each use. Objects are <c>dynamic</c>, because no
/// pointer to the struct may be named.
/// </summary>
internal static class PlaceholderWriter
{
    // It must compile in the C# of any project, because a too old C# is one of the rules.
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
        public static bool TryAllocBulk<TResult>(TResult[] objects) => throw null!;
        public static bool TryAllocBulk<TResult>(global::System.Span<TResult> objects) => throw null!;
        public static void FreeBulk<TResult>(TResult[] objects) => throw null!;
        public static void FreeBulk<TResult>(global::System.Span<TResult> objects) => throw null!;
        public static void FreeBulk<TResult>(global::System.ReadOnlySpan<TResult> objects) => throw null!;
        public static Lease Rent() => throw null!;
        public static Lease Own() => throw null!;
        public static long Reset() => throw null!;
        public static Reservation Reserve(int count) => throw null!;
        public static Local OpenLocal() => throw null!;
        static partial void Configure(ref global::SlabGen.SlabRuntime runtime, ref global::SlabGen.SlabCacheOptions options);
        """;

    private static readonly string[] s_types =
    [
        """
        public sealed class Lease : global::System.IDisposable
        {
            public ref dynamic Value => throw null!;
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

        writer.Write("// Placeholder: an error says why the class is missing. Its members have no docs, and some hide names of the struct.\n#pragma warning disable CS1591, CS0693, CS0660, CS0661\n");
        if (model.RuntimeAlias is { } runtime)
        {
            writer.Write($"extern alias {runtime};\n");
        }

        if (model.Namespace.Length > 0)
        {
            writer.Open($"namespace {model.Namespace}");
        }

        if (model.HasClass)
        {
            WriteClass(writer, model);
        }

        foreach (LinkModel link in model.Links)
        {
            WriteLink(writer, model, link);
        }

        if (model.Namespace.Length > 0)
        {
            writer.Close();
        }

        string text = writer.ToString();
        return SourceText.From(model.RuntimeAlias is { } alias
            ? text.Replace("global::SlabGen.", alias + "::SlabGen.") : text, Encoding.UTF8);
    }

    private static void WriteClass(IndentedWriter writer, SlabCacheModel model) =>
        WriteType(writer, model, model.Warnings, "static partial class", model.ClassName,
            [.. Members.Split('\n'), .. s_types]);

    // A pointer for fields is unmanaged, so that the structs that contain it break no rule.
    private static void WriteLink(IndentedWriter writer, SlabCacheModel model, LinkModel link)
    {
        string type = Identifier.EscapeDeclared(link.Name) + ParametersOf(model);
        string members = link.Kind == LinkKind.Handle
            ? """
              public bool IsLive => throw null!;
              public bool TryGet(out dynamic pointer) => throw null!;
              public bool TryGet<TResult>(out TResult pointer) => throw null!;
              """
            : $"""
              public {Identifier.EscapeDeclared(link.Name)}(global::System.IntPtr address) => throw null!;
              public global::System.IntPtr Address => throw null!;
              public bool IsNull => throw null!;
              """;
        WriteType(writer, model, link.Warnings, "readonly partial struct", link.Name,
            [
                .. members.Split('\n'),
                "public ref dynamic Value => throw null!;",
                $"public static bool operator ==({type} left, {type} right) => throw null!;",
                $"public static bool operator !=({type} left, {type} right) => throw null!;",
            ]);
    }

    private static void WriteType(
        IndentedWriter writer, SlabCacheModel model, EquatableArray<string> warnings, string kind, string name,
        IEnumerable<string> members)
    {
        foreach (string attribute in warnings)
        {
            writer.Write(attribute);
        }

        writer.Write(CacheClassWriter.GeneratedCode);
        writer.Open($"{model.Accessibility} {kind} {Identifier.EscapeDeclared(name)}{ParametersOf(model)}");

        // A type has no member of its own name (CS0542). Asking for that name is a rule that the struct breaks.
        foreach (string member in members.Where(text => !Regex.IsMatch(text, $@"^(public|static) [^(=\r\n]+ {Regex.Escape(name)}[(< \r\n]")))
        {
            writer.Write(member);
        }

        writer.Close();
    }

    private static string ParametersOf(SlabCacheModel model) =>
        model.TypeParameters.Count == 0 ? "" : $"<{string.Join(", ", model.TypeParameters.Select(static parameter => parameter.Name))}>";
}
