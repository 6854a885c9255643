namespace SlabGen.PackageTests;

/// <summary>A program that has nothing but the package runs on the JIT, trimmed and as NativeAOT, and restores from a lock file.</summary>
public sealed class AppTests(Package package)
{
    /// <summary>What Consumers/App prints: the fault of a null pointer, the sum of 0 to 99,999, nothing live, no slab left, memory given back.</summary>
    private const string Expected = "NullPointer\n4999950000 0 False True 0\nslabinfo - version: 2.1";

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
        Publish("trimmed", "the feed has no runtime pack", "--self-contained", "-p:PublishTrimmed=true", "-p:TrimmerSingleWarn=false");
    }

    [Fact]
    public void App_runs_as_native_aot()
    {
        string? linker = new[] { "clang", "gcc" }.FirstOrDefault(IsOnPath);
        Assert.SkipUnless(OperatingSystem.IsLinux() && linker is not null, "NativeAOT needs clang or gcc, and this test Linux");
        Publish("aot", "the feed has no ILCompiler", "-p:PublishAot=true", "-p:CppCompilerAndLinker=" + linker);
    }

    private void Publish(string copyAs, string missing, params string[] arguments)
    {
        string app = package.CopyConsumer("App", copyAs);
        string shared = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string[] fallback = Directory.Exists(shared) ? ["-p:RestoreFallbackFolders=" + shared] : [];
        CommandResult publish = package.Dotnet(app, ["publish", "-c", "Release", "-o", "out", "--use-current-runtime", .. arguments, .. fallback]);
        Assert.SkipWhen(publish.ExitCode != 0 && publish.Output.Contains("NU1101: Unable to find package", StringComparison.Ordinal), missing);
        publish.MustSucceed();
        Assert.DoesNotContain("warning IL", publish.Output, StringComparison.Ordinal);

        CommandResult run = Package.Run(Path.Combine(app, "out", "App"), app).MustSucceed();
        Assert.Equal(Expected, run.Output.ReplaceLineEndings("\n").Trim());
    }

    internal static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => System.IO.File.Exists(Path.Combine(folder, program)));
}
