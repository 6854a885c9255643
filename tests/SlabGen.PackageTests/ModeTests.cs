namespace SlabGen.PackageTests;

/// <summary>Debug builds find misuse at the call, and release builds trust the program; unless the project, the assembly, the struct or the environment says otherwise.</summary>
public sealed class ModeTests(Package package)
{
    // What Consumers/Mode prints of a struct that says nothing, one that says Fast, and one that says Checked; and then of what it makes by hand:
    // a KmemCache<T>, a cache by addresses, Kmalloc, and a cache whose options say Checked = false.
    private const string ByHand = "DoubleFree DoubleFree DoubleFree nothing", ByHandFast = "nothing nothing nothing nothing";
    private const string Checked = "DoubleFree nothing DoubleFree\n" + ByHand, Fast = "nothing nothing DoubleFree\n" + ByHandFast;
    private const string AssemblyFast = "nothing nothing DoubleFree\n" + ByHand; // of the generated classes alone

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
        Assert.Equal(Fast, Run(debug, "Off"));

        string release = Build("release", "-c", "Release");
        Assert.Equal(Fast, Run(release));
        Assert.Equal(Fast, Run(release, "0"));
        Assert.Equal(Checked, Run(release, "1"));
        CommandResult refused = Package.Run("dotnet", folder, ("SLABGEN_DEBUG", "maybe"), release);
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("The environment variable SLABGEN_DEBUG is 'maybe', where 'm' is no letter. It must be on, 1, true or yes, or off, 0, false, no or -", refused.Output, StringComparison.Ordinal);

        Assert.Equal(Fast, Run(Build("project", "-c", "Debug", "-p:SlabGenMode=Default")));
        Assert.Equal(Checked, Run(Build("hardened", "-c", "Release", "-p:SlabGenMode=Checked")));
        Assert.Equal(Checked, Run(Build("letters", "-c", "Release", "-p:SlabGenDebug=FZPU")));
        Assert.Equal(Checked, Run(release, "FZPU"));
        Assert.Equal(Fast, Run(Build("fast", "-c", "Debug", "-p:SlabGenMode=Fast")));
        Assert.Equal(AssemblyFast, Run(Build("assembly", "-c", "Debug", "-p:AssemblyIsFast=true")));

        string Build(string output, params string[] arguments)
        {
            package.Dotnet(folder, ["build", "--no-restore", "-o", Path.Combine("out", output), .. arguments]).MustSucceed();
            return Path.Combine("out", output, "Mode.dll");
        }

        string Run(string program, string? variable = null) =>
            Package.Run("dotnet", folder, ("SLABGEN_DEBUG", variable), program).MustSucceed().Output.ReplaceLineEndings("\n").Trim();
    }

    [Fact]
    public void What_is_made_by_hand_is_checked_in_a_debug_build_under_native_aot()
    {
        string? linker = new[] { "clang", "gcc" }.FirstOrDefault(AppTests.IsOnPath);
        Assert.SkipUnless(OperatingSystem.IsLinux() && linker is not null, "NativeAOT needs clang or gcc, and this test Linux");
        string folder = package.CopyConsumer("Mode", "mode-aot");
        string shared = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        string[] fallback = Directory.Exists(shared) ? ["-p:RestoreFallbackFolders=" + shared] : [];
        CommandResult publish = package.Dotnet(folder, ["publish", "-c", "Debug", "-o", "out", "--use-current-runtime", "-p:PublishAot=true", "-p:CppCompilerAndLinker=" + linker, .. fallback]);
        Assert.SkipWhen(publish.ExitCode != 0 && publish.Output.Contains("NU1101: Unable to find package", StringComparison.Ordinal), "the feed has no ILCompiler");
        publish.MustSucceed();
        string program = Path.Combine(folder, "out", "Mode");
        Assert.Equal(Checked, Package.Run(program, folder).MustSucceed().Output.ReplaceLineEndings("\n").Trim());
        Assert.Equal(Fast, Package.Run(program, folder, ("SLABGEN_DEBUG", "0")).MustSucceed().Output.ReplaceLineEndings("\n").Trim());
    }
}
