using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators.Tests;

/// <summary>What the doc comment of a class says of its slabs is what the runtime does, for every number of processors that it names.</summary>
public sealed partial class DocumentedLayout
{
    private const int PageSize = 4096;

    [Theory]
    [InlineData("public byte A;")]
    [InlineData("public long A; public double B; public int C;")]
    [InlineData("public bool A; public long B; public bool C;")]
    [InlineData("public char A; public decimal B; public System.DayOfWeek C;")]
    [InlineData("public sbyte A; public ushort B; public float C; public ulong D; public uint E; public nuint F;")]
    [InlineData("public nint A; public SlabGen.SlabPtr<S> B; public byte C;")]
    [InlineData("public SlabGen.SlabPtr32<int> A; public byte B;")]
    [InlineData("public byte A; public SlabGen.SlabHandle<int> B; public SlabGen.SlabPtr32<int> C;")]
    [InlineData("public fixed byte A[100]; public short B;", "", "unsafe")]
    [InlineData("public S* A; public delegate*<int> B; public byte C;", "", "unsafe")]
    [InlineData("public Inline A; public short B;")]
    [InlineData("public byte A; public Inner B; public struct Inner { public byte X; public int Y; }")]
    [InlineData("public byte A { get; set; } public long B => field; public static long C;")]
    [InlineData("public byte A = 1; public readonly long Sum => x + y;", "", "", "(byte x, long y)")]
    [InlineData("public byte C;", "", "record", "(byte A, long B)")]
    [InlineData("public long A; public long B;", "HwCacheAlign = true")]
    [InlineData("public long A, B, C, D, E;", "HwCacheAlign = true")]
    [InlineData("public int A;", "Alignment = 256")]
    [InlineData("public long A, B, C;", "Coloring = false")]
    [InlineData("public long A, B, C;", "Order = 2")]
    [InlineData("public long A, B, C;", "Order = 7")]
    [InlineData("public byte A;", "Order = 5")]
    [InlineData("public Buffer A;", "Order = 10")]
    [InlineData("public Buffer A, B, C; public byte D;")]
    [InlineData("public Buffer A, B, C;", "Alignment = 4096")]
    [InlineData("public Buffer A, B, C, D, E, F, G, H, I; public byte J;")]
    public void Is_the_runtime_s(string fields, string arguments = "", string modifier = "", string parameters = "")
    {
        Assert.SkipUnless(Environment.SystemPageSize == PageSize, "The figures are of pages of 4 KiB.");

        (string text, int size) = Generate(fields, arguments, modifier, parameters);
        Match match = Sentence().Match(text);
        Assert.True(match.Success, text[..text.IndexOf("static partial class", StringComparison.Ordinal)]);
        long Figure(string name) => match.Groups[name].Success ? long.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : -1;

        // Two machines at the ends of what is said, and one in between.
        int least = Figure("from") is > 0 and long from ? (int)from : 1, most = Figure("to") is > 0 and long to ? (int)to : 65536;
        foreach (int processors in (int[])[least, (least + most) / 2, most])
        {
            using SlabRuntime runtime = new(new SlabRuntimeOptions { Processors = processors });
            KmemCache cache = runtime.CreateCache("S", size, OptionsOf(arguments));
            CacheSnapshot layout = cache.Snapshot();
            long slab = layout.PagesPerSlab * PageSize;

            Assert.Equal(
                [cache.ObjectSize, cache.SlotSize, layout.PagesPerSlab, slab, layout.ObjectsPerSlab, slab - (layout.ObjectsPerSlab * cache.SlotSize), layout.Colors],
                (long[])[Figure("object"), Figure("slot"), 1L << (int)Figure("order"), Figure("slab"), Figure("objects"), Figure("left"), Figure("colors")]);
            Assert.Equal((100.0 * Figure("left") / slab).ToString("0.0", CultureInfo.InvariantCulture), match.Groups["percent"].Value);
        }

        // And what is said is all that can be: one processor less, or twice as many, makes another slab.
        foreach (int processors in (int[])[least - 1, most == 65536 ? 0 : most + 1])
        {
            if (processors > 0)
            {
                using SlabRuntime runtime = new(new SlabRuntimeOptions { Processors = processors });
                Assert.NotEqual(Figure("slab"), runtime.CreateCache("S", size, OptionsOf(arguments)).Snapshot().PagesPerSlab * PageSize);
            }
        }
    }

    [Fact]
    public void Is_the_runtime_s_for_every_size()
    {
        Assert.SkipUnless(Environment.SystemPageSize == PageSize, "The figures are of pages of 4 KiB.");

        int[] sizes = [.. Enumerable.Range(1, 300), .. Enumerable.Range(1, 200).Select(static i => i * i), 32767, 32768, 32769, 65536, 1 << 20, (1 << 20) + 1, 1 << 22];
        string source = string.Concat(sizes.Distinct().Select(static size =>
            $"[SlabGen.SlabCache] public struct S{size} {{ public B A; [System.Runtime.CompilerServices.InlineArray({size})] public struct B {{ private byte _b; }} }}\n"));
        GeneratorDriver driver = TestCompilation.CreateDriver().RunGenerators(TestCompilation.Create(source), TestContext.Current.CancellationToken);
        foreach (GeneratedSourceResult file in driver.GetRunResult().Results.Single().GeneratedSources)
        {
            Match match = Sentence().Match(file.SourceText.ToString());
            int size = int.Parse(Regex.Match(file.HintName, "[0-9]+").Value, CultureInfo.InvariantCulture);
            int least = match.Groups["from"].Success ? int.Parse(match.Groups["from"].ValueSpan, CultureInfo.InvariantCulture) : 1;
            using SlabRuntime runtime = new(new SlabRuntimeOptions { Processors = least });
            CacheSnapshot layout = runtime.CreateCache("S", size).Snapshot();

            Assert.Equal($"{size} {layout.PagesPerSlab * PageSize} {layout.ObjectsPerSlab} {layout.Colors}", string.Join(' ', new[] { "object", "slab", "objects", "colors" }.Select(name => match.Groups[name].Value)));
        }
    }

    [Theory]
    [InlineData("public System.Guid A;")]
    [InlineData("public System.DateTime A;")]
    [InlineData("public (int, byte) A;")]
    [InlineData("public int A; [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)] public struct X { [System.Runtime.InteropServices.FieldOffset(0)] public int B; } public X C;")]
    [InlineData("")]
    public void Is_not_said_where_it_is_not_sure(string fields) =>
        Assert.DoesNotContain("In a 64-bit process", Generate(fields).Text, StringComparison.Ordinal);

    [Fact]
    public async Task Is_not_said_of_generic_content() => Assert.DoesNotContain(
        "In a 64-bit process",
        Assert.Single(await GeneratorTest.Run("[SlabGen.SlabCache] public struct Box<T> where T : unmanaged { public T Content; }")).SourceText.ToString(),
        StringComparison.Ordinal);

    [Fact]
    public void Says_nothing_of_slabs_that_cannot_be()
    {
        string text = Generate("public Buffer A;", "Order = 0").Text;
        Assert.Contains("an object has 4096 bytes", text, StringComparison.Ordinal); // which just fits
        Assert.Contains("a slab has", text, StringComparison.Ordinal);

        text = Generate("public Buffer A; public byte B;", "Order = 0").Text;
        Assert.Contains("an object has 4097 bytes", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a slab has", text, StringComparison.Ordinal);

        text = Generate("public long A;", "Order = 8").Text; // more objects than a descriptor has bits for
        Assert.Contains("an object has 8 bytes", text, StringComparison.Ordinal);
        Assert.DoesNotContain("a slab has", text, StringComparison.Ordinal);
    }

    private static SlabCacheOptions OptionsOf(string arguments) => arguments switch
    {
        "" => new(),
        "HwCacheAlign = true" => new() { HwCacheAlign = true },
        "Coloring = false" => new() { Coloring = false },
        _ when arguments.StartsWith("Alignment", StringComparison.Ordinal) => new() { Alignment = Number(arguments) },
        _ when arguments.StartsWith("Order", StringComparison.Ordinal) => new() { Order = Number(arguments) },
        _ => throw new ArgumentException(arguments),
    };

    private static int Number(string argument) => int.Parse(argument.Split('=')[1], CultureInfo.InvariantCulture);

    /// <summary>The generated file, and the size that the runtime of .NET gives the struct.</summary>
    private static (string Text, int Size) Generate(string fields, string arguments = "", string modifier = "", string parameters = "")
    {
        string source =
            $$"""
            [SlabGen.SlabCache{{(arguments.Length == 0 ? "" : $"({arguments})")}}] public {{modifier}} struct S{{parameters}} { {{fields}} }
            [System.Runtime.CompilerServices.InlineArray(4096)] public struct Buffer { private byte _first; }
            [System.Runtime.CompilerServices.InlineArray(41)] public struct Inline { private byte _first; }
            """;
        CSharpCompilation compilation = TestCompilation.Create(source);
        compilation = compilation.WithOptions(compilation.Options.WithAllowUnsafe(true).WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        GeneratorDriver driver = TestCompilation.CreateDriver().RunGenerators(compilation, TestContext.Current.CancellationToken);
        string text = Assert.Single(driver.GetRunResult().Results.Single().GeneratedSources).SourceText.ToString();

        using MemoryStream image = new();
        Assert.True(compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
        image.Position = 0;
        AssemblyLoadContext context = new("layouts", isCollectible: true);
        Type type = context.LoadFromStream(image).GetType("S")!;
        int size = (int)typeof(System.Runtime.CompilerServices.Unsafe).GetMethod("SizeOf")!.MakeGenericMethod(type).Invoke(null, null)!;
        context.Unload();
        return (text, size);
    }

    [GeneratedRegex(
        """
        In a 64-bit process an object has (?<object>\d+) bytes? and takes (?<slot>\d+) in a slab\.
        \s*/// With pages of 4 KiB( and (up to (?<to>\d+)|(?<from>\d+) to (?<to>\d+)|(?<from>\d+)) processors( or more)?)? a slab has (?<slab>\d+) bytes \(order (?<order>\d+)\):
        \s*/// (?<objects>\d+) objects?, (?<left>\d+) bytes? \((?<percent>[\d.]+) %\) left over, (?<colors>\d+) colours?\.
        """)]
    private static partial Regex Sentence();
}
