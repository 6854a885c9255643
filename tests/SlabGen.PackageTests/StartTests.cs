using System.Globalization;

namespace SlabGen.PackageTests;

/// <summary>The first object of a process does not wait for the JIT to compile the allocator.</summary>
public sealed class StartTests(Package package)
{
    /// <summary>
    /// Methods for the first object, those of the user's, the framework's and the background threads' included: 7 today. They were 560 without compiled
    /// code in the package, and 104 while it used what the framework has no compiled code of: LINQ, lists and spans over our structs and over tuples.
    /// A machine with several nodes needs some more.
    /// </summary>
    private const int MostMethods = 25;

    /// <summary>Methods for a second cache: 5 today. The caller's, and the class's <c>Alloc</c>, <c>AllocSlow</c>, <c>MakeOnce</c> and <c>Free</c>. They were 10.</summary>
    private const int MostMethodsOfSecond = 5;

    [Fact]
    public void First_object_and_a_second_cache_compile_few_methods()
    {
        Assert.SkipWhen(Package.Platform.Length == 0, "the package has no compiled code for this platform");
        string app = package.CopyConsumer("Start", "start");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        string output = Package.Run("dotnet", app, Path.Combine("out", "Start.dll")).MustSucceed().Output.Trim();
        TestContext.Current.TestOutputHelper?.WriteLine($"methods and ms of the first object, then of a second cache: {output}");
        string[] words = output.Split(' ');
        Assert.InRange(int.Parse(words[0], CultureInfo.InvariantCulture), 1, MostMethods);
        Assert.InRange(int.Parse(words[2], CultureInfo.InvariantCulture), 1, MostMethodsOfSecond);
    }
}
