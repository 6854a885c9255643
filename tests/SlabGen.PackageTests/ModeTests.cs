namespace SlabGen.PackageTests;

/// <summary>Debug builds find misuse at the call, and release builds trust the program; unless the project, the assembly, the struct or the environment says otherwise.</summary>
public sealed class ModeTests(Package package)
{
    // What Consumers/Mode prints of a struct that says nothing, one that says Fast, and one that says Checked.
    private const string Checked = "DoubleFree nothing DoubleFree", Fast = "nothing nothing DoubleFree";

    [Fact]
    public void A_second_free_is_found_at_the_call_in_a_debug_build_and_each_override_holds()
    {
        string folder = package.CopyConsumer("Mode", "mode");
        package.Dotnet(folder, "restore").MustSucceed();

        string debug = Build("debug", "-c", "Debug");
        Assert.Equal(Checked, Run(debug));
        Assert.Equal(Checked, Run(debug, "1"));
        Assert.Equal(Fast, Run(debug, "0"));
        Assert.Equal(Fast, Run(debug, "-"));

        string release = Build("release", "-c", "Release");
        Assert.Equal(Fast, Run(release));
        Assert.Equal(Fast, Run(release, "0"));
        Assert.Equal(Checked, Run(release, "1"));

        Assert.Equal(Fast, Run(Build("project", "-c", "Debug", "-p:SlabGenMode=Default")));
        Assert.Equal(Checked, Run(Build("hardened", "-c", "Release", "-p:SlabGenMode=Checked")));
        Assert.Equal(Fast, Run(Build("assembly", "-c", "Debug", "-p:AssemblyIsFast=true")));

        string Build(string output, params string[] arguments)
        {
            package.Dotnet(folder, ["build", "--no-restore", "-o", Path.Combine("out", output), .. arguments]).MustSucceed();
            return Path.Combine("out", output, "Mode.dll");
        }

        string Run(string program, string? variable = null) =>
            Package.Run("dotnet", folder, ("SLABGEN_DEBUG", variable), program).MustSucceed().Output.Trim();
    }
}
