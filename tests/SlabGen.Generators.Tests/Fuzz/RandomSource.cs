using System.Globalization;
using System.Text;

namespace SlabGen.Generators.Tests;

/// <summary>
/// A file of structs with caches as nobody would write them, but somebody may: names, kinds, fields, hooks, arguments and places at random. Most of it
/// is C#; some is not. Two files in three are tame: by themselves they would compile.
/// </summary>
internal sealed class RandomSource(int seed)
{
    private static readonly string[] s_names =
        ["Order", "@class", "@event", "Größe", "名", "_", "__x", "order", "O", "Cache", "SlabPtr", "Alloc", "Free", "T", "System", "SlabGen", "Int32", "Value", "Lease", "OrderCache", "@file", "record", "@field", "Nullable"];

    private static readonly string[] s_types =
    [
        "int", "long", "byte", "bool", "char", "decimal", "double", "nint", "System.Guid", "System.Int128", "System.DateTime", "System.DayOfWeek", "int?", "(int A, long B)", "string", "object",
        "int[]", "System.Span<int>", "System.Action", "System.Collections.Generic.KeyValuePair<int, long>", "SlabGen.SlabPtr<int>", "SlabGen.SlabHandle<long>", "SlabGen.PagePtr", "dynamic", "int*", "Missing",
        "System.IntPtr", "System.Threading.CancellationToken", "System.Runtime.InteropServices.GCHandle",
    ];

    private static readonly string[] s_numbers = ["8", "0", "64", "1", "-1", "3", "64", "4096", "8192", "int.MaxValue", "int.MinValue", "1 << 40", "2 * 8", "'c'", "Missing", "null", "\"8\"", "default", "(int)2.5", "checked(1 + 1)", "sizeof(int)"];
    private static readonly string[] s_truths = ["true", "false", "!true", "1 == 1", "null", "0", "Missing"];
    private static readonly string[] s_texts =
        ["\"Orders\"", "\"\"", "null", "\" \"", "\"a b\"", "\"class\"", "\"1x\"", "\"Größe\"", "nameof(System)", "\"A\" + \"B\"", "\"\\u200b\"", "\"A.B\"", "\"@class\"", "\"Order\"", "\"OrderCache\"", "1", "$\"x\"", "\"\"\"raw\"\"\"", "\"\\0\"", "default"];

    private static readonly string[] s_accesses = ["public ", "internal ", "private ", "protected ", "", "private protected ", "file ", "protected internal "];

    private static readonly (string Name, string[] Values)[] s_arguments =
    [
        ("Alignment", s_numbers), ("HwCacheAlign", s_truths), ("Order", s_numbers), ("MinPartial", s_numbers), ("Coloring", s_truths), ("RandomOrder", s_truths), ("RandomSeed", s_numbers),
        ("Zone", ["ZoneKind.Dma", "ZoneKind.HighMem", "ZoneKind.Dma32", "(ZoneKind)9", "(ZoneKind)(-1)", "default", "0", "ZoneKind.Missing"]), ("Fallback", ["ZoneFallback.Strict", "(ZoneFallback)7"]),
        ("Pinning", ["Pinning.Required", "Pinning.BestEffort", "(Pinning)5"]), ("HugePages", ["HugePages.Reserved", "(HugePages)5"]), ("MagazineRounds", s_numbers), ("DepotBytes", s_numbers),
        ("ReuseDistanceBytes", s_numbers), ("MaxObjects", s_numbers), ("MaxBytes", s_numbers), ("Reclaimable", s_truths), ("TypeSafeByRcu", s_truths),
        ("Mode", ["SlabMode.Fast", "SlabMode.Checked", "(SlabMode)9"]), ("Debug", ["SlabDebug.Full", "SlabDebug.Trace", "(SlabDebug)64"]), ("Zeroing", ["SlabZeroing.OnFree", "SlabZeroing.OnAlloc", "SlabZeroing.None", "(SlabZeroing)9"]), ("Handles", s_truths),
        ("Extensions", s_truths), ("SingleThreaded", s_truths), ("Name", s_texts), ("PointerName", s_texts), ("Missing", s_numbers),
    ];

    private static readonly string[] s_hooks =
    [
        "static bool Make(ref {0} o)", "static void Make(ref {0} o)", "void Make()", "static void Make({0} o)", "static bool Make(in {0} o)", "static void Make<T>(ref T o)", "static void Make(ref {0} o, int n)",
        "private static void Make(ref {0} o)", "static int Make(ref {0} o)", "static unsafe void Make({0}* o)", "async void Make()", "bool Make()",
    ];

    private readonly Random _random = new(seed);
    private readonly bool _isTame = seed % 3 != 0;
    private readonly HashSet<string> _used = [];
    private readonly StringBuilder _text = new();

    public string Write()
    {
        _text.Append("using SlabGen;\n");
        bool hasDefaults = OneIn(4);
        if (hasDefaults)
        {
            _text.Append(CultureInfo.InvariantCulture, $"[assembly: SlabCacheDefaults({Arguments()})]\n");
        }

        string[] spaces = ["", "namespace A;\n", "namespace A.@class;\n", "namespace SlabGen;\n", "namespace System;\n", "namespace Order;\n"];
        _text.Append(spaces[_random.Next(OneIn(2) ? 2 : spaces.Length)]);
        string[] names = [.. Enumerable.Range(0, _random.Next(1, 5)).Select(_ => Any(s_names)).Where(name => _used.Add(name) || !_isTame)
            .Where(name => !hasDefaults || name is not ("SlabGen" or "System"))]; // the compiler's stack overflows: who sees an internal type is in an attribute that the type hides
        foreach (string name in names)
        {
            WriteNested(name, names, depth: _random.Next(4) == 0 ? 2 : _random.Next(4) == 0 ? 1 : 0);
        }

        return !_isTame && OneIn(20) ? _text.ToString()[.._random.Next(_text.Length)] : _text.ToString();
    }

    private bool OneIn(int count) => _random.Next(count) == 0;

    private T Any<T>(T[] values) => values[_random.Next(values.Length)];

    /// <summary>Of a tame file one of the first few.</summary>
    private T Any<T>(int tame, T[] values) => values[_random.Next(_isTame ? tame : values.Length)];

    private string Arguments() => string.Join(", ", Enumerable.Range(0, OneIn(3) ? 0 : _random.Next(1, 4)).Select(_ => Any(s_arguments.Length - 1, s_arguments)).DistinctBy(argument => argument.Name)
        .Select(argument => $"{argument.Name} = {(OneIn(2) ? argument.Values[0] : Any(Math.Min(3, argument.Values.Length), argument.Values))}"));

    private void WriteNested(string name, string[] others, int depth)
    {
        if (depth == 0)
        {
            WriteStruct(name, others);
            return;
        }

        string[] kinds = ["partial class Outer", "static class Outer", "partial struct Outer", "partial record Outer", "interface IOuter", "class Outer<T>", "partial class Outer<T> where T : unmanaged", "ref struct Outer"];
        string kind = Any(4, kinds).Replace("Outer", $"Outer{depth}x{_random.Next(1000)}", StringComparison.Ordinal);
        _text.Append(CultureInfo.InvariantCulture, $"{Any(["public ", "internal ", ""])}{kind}\n{{\n");
        WriteNested(name, others, depth - 1);
        _text.Append("}\n");
    }

    private void WriteStruct(string name, string[] others)
    {
        if (!OneIn(12))
        {
            _text.Append(CultureInfo.InvariantCulture, $"[SlabCache({Arguments()})]\n");
        }

        string kind = OneIn(2) ? "struct" : Any(2, ["partial struct", "record struct", "readonly struct", "readonly record struct", "ref struct", "class", "unsafe struct", "interface", "enum", "record"]);
        string parameters = OneIn(5) ? Any(1, ["<T>", "<T, U>", "<@int>", "<T>"]) : "";
        string constraints = parameters == "<T>" && (_isTame || !OneIn(3)) ? Any(2, [" where T : unmanaged", " where T : unmanaged, System.IComparable<T>", " where T : struct", " where T : class", " where T : new()"]) : "";
        _text.Append(CultureInfo.InvariantCulture, $"{(OneIn(2) ? "public " : Any(2, s_accesses))}{kind} {name}{parameters}{constraints}\n{{\n");
        for (int i = kind == "enum" ? 0 : _random.Next(6); i > 0; i--)
        {
            WriteField(name, others, parameters);
        }

        for (int i = OneIn(3) ? _random.Next(_isTame ? 2 : 3) : 0; i > 0; i--)
        {
            string hook = string.Format(CultureInfo.InvariantCulture, Any(1, s_hooks), name + parameters).Replace("Make", "Make" + i, StringComparison.Ordinal);
            _text.Append(CultureInfo.InvariantCulture, $"    [{Any(1, ["SlabConstructor", "SlabDestructor", "SlabInit", "SlabFini"])}]\n    {Any(["public ", "internal ", ""])}{hook} {Any(1, ["=> throw null!;", "{ return true; }", "{ }"])}\n");
        }

        _text.Append("}\n");
    }

    private void WriteField(string name, string[] others, string parameters)
    {
        string bare = name.TrimStart('@'), other = Any(others);
        string type = _random.Next(_isTame ? 4 : 8) switch
        {
            0 => _isTame ? "int" : other,
            1 => $"{other.TrimStart('@')}Ptr",
            2 => _isTame ? s_types[_random.Next(13)] : $"SlabPtr<{name}{parameters}>",
            3 => parameters.Length > 0 ? "T" : $"{bare}Ptr",
            4 => Any(s_types),
            _ => s_types[_random.Next(13)],
        };
        string modifier = !_isTame && OneIn(8) ? Any(["static ", "readonly ", "volatile ", "const ", "required ", "fixed "]) : "";
        string tail = !_isTame && OneIn(12) ? Any([" = 3;", " { get; set; }", "[4];", " { get; } = default;", ";;"]) : ";";
        _text.Append(CultureInfo.InvariantCulture, $"    {Any(2, ["public ", "public ", "private ", "internal "])}{modifier}{type} F{_random.Next(1000)}{tail}\n");
    }
}
