using System.Text.RegularExpressions;

namespace SlabGen.Tests.Architecture;

/// <summary>
/// Proves that the instance fields of a partial type stand in its main file, the one without an aspect in its name: there its state can be seen as
/// a whole. Catches a field beside the methods that use it, also one that the compiler writes, of a property.
/// </summary>
public sealed partial class FieldsTogetherTests
{
    [Fact]
    public void Files_by_aspect_declare_no_instance_field() => Assert.Empty(AspectFiles().SelectMany(FieldsIn));

    [Fact]
    public void No_file_of_the_runtime_has_more_than_300_lines() =>
        Assert.Empty(Sources().Where(file => File.ReadLines(file).Count() > 300).Select(file => Path.GetFileName(file)));

    [Theory]
    [InlineData("    private int _count;")]
    [InlineData("    private readonly Queue<Batch> _queue = new(); // lock")]
    [InlineData("    private unsafe Slab* _first, _last;")]
    [InlineData("    private volatile (nint Start, long Bytes)[] _ranges = [];")]
    [InlineData("    internal Func<string, int>? _make = static name => name.Length;")]
    public void The_check_sees_a_field(string line) => Assert.Matches(InstanceField(), line);

    [Theory]
    [InlineData("    public long TrimmedPages { get; private set; }")]
    [InlineData("    internal WeakReference<ContextTie>? Tie { get; set; }")]
    [InlineData("    public TimeSpan LimitWarningInterval { get; init; } = TimeSpan.FromSeconds(300);")]
    [InlineData("    public required (int Mapped, int Idle)[] Counts { get; init; }")]
    [InlineData("    public int Count { get; } = Math.Max(1, 2);")]
    public void The_check_sees_a_property_with_a_field(string line) => Assert.Matches(PropertyWithField(), line);

    [Theory]
    [InlineData("    public abstract int Count { get; }")]
    [InlineData("    public static int Count { get; set; }")]
    [InlineData("    private string DebuggerDisplay => $\"{Name}: {Count}\";")]
    [InlineData("    public int Count { get => _count; init => _count = value; }")]
    [InlineData("    private readonly record struct Pair(int First) { public int Second { get; init; } }")]
    public void The_check_passes_a_property_without_one(string line) => Assert.DoesNotMatch(PropertyWithField(), line);

    [Theory]
    [InlineData("    private const int Most = 16;")]
    [InlineData("    private static readonly List<int> s_list = [];")]
    [InlineData("        int count = 0;")]
    [InlineData("    private int Count => _count;")]
    [InlineData("    private static partial int Call(nint address);")]
    [InlineData("    public abstract void Unmap();")]
    [InlineData("    private sealed class Batch;")]
    public void The_check_passes_what_is_none(string line) => Assert.DoesNotMatch(InstanceField(), line);

    private static IEnumerable<string> Sources() =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Path, "src", "SlabGen"), "*.cs", SearchOption.AllDirectories);

    private static string[] AspectFiles()
    {
        string[] found = [.. Sources().Where(file => Path.GetFileNameWithoutExtension(file).Contains('.'))];
        Assert.Contains(found, file => Path.GetFileName(file) == "ThreadCache.Revocation.cs");
        return found;
    }

    private static IEnumerable<string> FieldsIn(string file) =>
        File.ReadLines(file).Where(line => InstanceField().IsMatch(line) || PropertyWithField().IsMatch(line)).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}");

    // At the indentation of a member: a type and a name that ends there, is followed by another or is given a value. A method has a bracket after its name.
    [GeneratedRegex(@"^    (?:private|internal|protected|public) (?:(?:readonly|volatile|unsafe|required) )*(?!const |static |event |delegate |(?:[a-z]+ )*(?:class|struct|enum|interface|record) )(?:\([^()]*\)|[\w.]+(?:<(?:[^;={}()]|\([^()]*\))+?>)?)[\[\]?*]* _?\w+(?:;|,| = )")]
    private static partial Regex InstanceField();

    // At the indentation of a member, not a type's: a name, and accessors without bodies.
    [GeneratedRegex(@"^    (?:private|internal|protected|public) (?!(?:[a-z]+ )*(?:static|abstract|class|struct|interface|record) )[^{=]*\w \{ (?:(?:(?:private|protected|internal) )*(?:get|set|init); )+\}")]
    private static partial Regex PropertyWithField();
}
