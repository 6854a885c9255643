namespace SlabGen.PackageTests;

/// <summary>MSBuild properties configure the default runtime, on the JIT and under NativeAOT; code wins, and a wrong value is refused by name.</summary>
public sealed class ConfiguredTests(Package package)
{
    private const string TooLate = "SlabRuntime.ConfigureDefault comes too late: SlabRuntime.Default is in use since the cache 'Order' was made. Call it before the first allocation.";

    [Fact]
    public void Properties_reach_the_default_runtime_through_its_runtimeconfig()
    {
        string app = package.CopyConsumer("Configured", "configured");
        package.Dotnet(app, "build", "-c", "Release", "-o", "out").MustSucceed();
        string config = Path.Combine(app, "out", "Configured.runtimeconfig.json"), text = System.IO.File.ReadAllText(config);
        Assert.Contains("\"SlabGen.MemoryLimit\": \"96M\"", text, StringComparison.Ordinal);

        Assert.Equal($"{96 << 20}\n{TooLate}", Run());
        Assert.Equal($"{48 << 20}\n{TooLate}", Run("code"));

        System.IO.File.WriteAllText(config, text.Replace("\"96M\"", "\"96Q\"", StringComparison.Ordinal));
        Assert.Equal(
            "The runtime configuration sets SlabGen.MemoryLimit (MSBuild property SlabGenMemoryLimit) to '96Q'. It must be a number of bytes, with K, M, G or T for the powers of 1024: 536870912 or 512M.",
            Run());

        // As a person writes it: a number without quotes.
        System.IO.File.WriteAllText(config, text.Replace("\"96M\"", "33554432", StringComparison.Ordinal));
        Assert.Equal($"{32 << 20}\n{TooLate}", Run());

        string Run(params string[] arguments) =>
            Package.Run("dotnet", app, [Path.Combine("out", "Configured.dll"), .. arguments]).MustSucceed().Output.ReplaceLineEndings("\n").Trim();
    }

    [Fact]
    public void Properties_reach_the_default_runtime_under_native_aot()
    {
        string? linker = new[] { "clang", "gcc" }.FirstOrDefault(AppTests.IsOnPath);
        Assert.SkipUnless(OperatingSystem.IsLinux() && linker is not null, "NativeAOT needs clang or gcc, and this test Linux");
        string app = package.CopyConsumer("Configured", "configured-aot");
        string shared = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string[] fallback = Directory.Exists(shared) ? ["-p:RestoreFallbackFolders=" + shared] : [];
        CommandResult publish = package.Dotnet(app, ["publish", "-c", "Release", "-o", "out", "--use-current-runtime", "-p:PublishAot=true", "-p:CppCompilerAndLinker=" + linker, .. fallback]);
        Assert.SkipWhen(publish.ExitCode != 0 && publish.Output.Contains("NU1101: Unable to find package", StringComparison.Ordinal), "the feed has no ILCompiler");
        publish.MustSucceed();

        string program = Path.Combine(app, "out", "Configured");
        Assert.Equal($"{96 << 20}\n{TooLate}", Package.Run(program, app).MustSucceed().Output.ReplaceLineEndings("\n").Trim());
        Assert.Equal($"{48 << 20}\n{TooLate}", Package.Run(program, app, "code").MustSucceed().Output.ReplaceLineEndings("\n").Trim());
    }
}
