namespace SlabGen.PackageTests;

/// <summary>What a project does wrong, in its code or its settings, is named by the package, and not met as broken generated code.</summary>
public sealed class RefusalTests(Package package)
{
    [Fact]
    public void Misuse_and_bad_settings_are_named()
    {
        string misuse = package.CopyConsumer("Misuse", "misuse");
        package.Dotnet(misuse, "restore").MustSucceed();

        string output = Fails("-p:SlabGenMode=Check");
        Assert.Contains("error SLAB0001", output, StringComparison.Ordinal);
        Assert.Contains("'Name'", output, StringComparison.Ordinal);
        Assert.Contains("error SLAB0300: The MSBuild property 'SlabGenMode' cannot be 'Check'", output, StringComparison.Ordinal);

        Assert.Contains("error SLAB0301", Fails("-p:LangVersion=12"), StringComparison.Ordinal);

        // An analyzer that fails is none of the user's errors, though TreatWarningsAsErrors is set.
        Assert.Contains("AD0001", package.Dotnet(misuse, "msbuild", "-getProperty:WarningsNotAsErrors").MustSucceed().Output, StringComparison.Ordinal);

        // As an older SDK, or the package of an older compiler, sets it.
        Assert.Contains("error SLAB0302", Fails("-p:CompilerApiVersion=roslyn4.14"), StringComparison.Ordinal);

        string Fails(string property)
        {
            CommandResult build = package.Dotnet(misuse, "build", "--no-restore", property);
            Assert.NotEqual(0, build.ExitCode);
            Assert.DoesNotContain("error CS", build.Output, StringComparison.Ordinal);
            return build.Output;
        }
    }
}
