namespace SlabGen.PackageTests;

/// <summary>A program that has nothing but the package runs on the JIT, trimmed and as NativeAOT, and restores from a lock file.</summary>
public sealed class AppTests(Package package)
{
    /// <summary>What Consumers/App prints: the fault of a null pointer, the sum of 0 to 99,999, nothing live, no slab left, memory given back.</summary>
    private const string Expected = "NullPointer\n4999950000 0 False True 0\nslabinfo - version: 2.1";

    /// <summary>What Consumers/OrderBook prints: the ids of two thirds of 30,000 orders from both ends of the queues, their quantity, nothing live.</summary>
    private const string ExpectedOfOrderBook = "300000000 300000000 200000 0 0";

    [Fact]
    public void App_runs_on_the_jit_and_restores_from_a_lock_file()
    {
        string app = package.CopyConsumer("App", "jit");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out", "-p:RestorePackagesWithLockFile=true").MustSucceed();
        CommandResult run = Package.Run("dotnet", app, Path.Combine("out", "App.dll")).MustSucceed();
        Assert.Equal(Expected, run.Output.ReplaceLineEndings("\n").Trim());

        string locks = Path.Combine(app, "packages.lock.json"), text = System.IO.File.ReadAllText(locks);
        Assert.Contains($"\"resolved\": \"{package.Version}\"", text, StringComparison.Ordinal);
        Directory.Delete(Path.Combine(app, "packages"), recursive: true);
        package.Dotnet(app, "restore", "--locked-mode", "-p:RestorePackagesWithLockFile=true").MustSucceed();

        // The lock holds: another content is refused.
        string hash = text.Split("\"contentHash\": \"")[1].Split('"')[0];
        System.IO.File.WriteAllText(locks, text.Replace(hash, Convert.ToBase64String(new byte[64]), StringComparison.Ordinal));
        Directory.Delete(Path.Combine(app, "packages"), recursive: true);
        CommandResult restore = package.Dotnet(app, "restore", "--locked-mode", "-p:RestorePackagesWithLockFile=true", "--force");
        Assert.NotEqual(0, restore.ExitCode);
        Assert.Contains("NU1403", restore.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void App_runs_trimmed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "this test needs Linux");
        Publish(package.CopyConsumer("App", "trimmed"), Expected, "the feed has no runtime pack", "--self-contained", "-p:PublishTrimmed=true", "-p:TrimmerSingleWarn=false");
    }

    [Fact]
    public void App_runs_as_native_aot()
    {
        PublishAot(package.CopyConsumer("App", "aot"), Expected);
    }

    [Fact]
    public void OrderBook_with_links_both_ways_runs_on_the_jit()
    {
        string book = CopyOrderBook("book");
        package.Dotnet(book, "build", "-c", "Release", "-o", "out").MustSucceed();
        Assert.Equal(ExpectedOfOrderBook, Package.Run("dotnet", book, Path.Combine("out", "OrderBook.dll")).MustSucceed().Output.Trim());
    }

    [Fact]
    public void OrderBook_with_links_both_ways_runs_as_native_aot() => PublishAot(CopyOrderBook("book-aot"), ExpectedOfOrderBook);

    /// <summary>The program, with the sample of generators/README.md.</summary>
    private string CopyOrderBook(string copyAs)
    {
        string book = package.CopyConsumer("OrderBook", copyAs);
        string section = System.IO.File.ReadAllText(Path.Combine(Package.RepositoryRoot, "generators", "README.md")).Split("\n## Links between objects\n")[1];
        System.IO.File.WriteAllText(Path.Combine(book, "Book.cs"), section.Split("```csharp\n")[1].Split("```")[0]);
        return book;
    }

    private void PublishAot(string app, string expected)
    {
        string? linker = new[] { "clang", "gcc" }.FirstOrDefault(IsOnPath);
        Assert.SkipUnless(OperatingSystem.IsLinux() && linker is not null, "NativeAOT needs clang or gcc, and this test Linux");
        Publish(app, expected, "the feed has no ILCompiler", "-p:PublishAot=true", "-p:CppCompilerAndLinker=" + linker);
    }

    private void Publish(string app, string expected, string missing, params string[] arguments)
    {
        string shared = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string[] fallback = Directory.Exists(shared) ? ["-p:RestoreFallbackFolders=" + shared] : [];
        CommandResult publish = package.Dotnet(app, ["publish", "-c", "Release", "-o", "out", "--use-current-runtime", .. arguments, .. fallback]);
        Assert.SkipWhen(publish.ExitCode != 0 && publish.Output.Contains("NU1101: Unable to find package", StringComparison.Ordinal), missing);
        publish.MustSucceed();
        Assert.DoesNotContain("warning IL", publish.Output, StringComparison.Ordinal);

        string program = Path.GetFileNameWithoutExtension(Directory.GetFiles(app, "*.csproj")[0]);
        CommandResult run = Package.Run(Path.Combine(app, "out", program), app).MustSucceed();
        Assert.Equal(expected, run.Output.ReplaceLineEndings("\n").Trim());
    }

    internal static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => System.IO.File.Exists(Path.Combine(folder, program)));
}
