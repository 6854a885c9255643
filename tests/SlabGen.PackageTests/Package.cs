using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Reflection;
using System.Runtime.InteropServices;

namespace SlabGen.PackageTests;

/// <summary>
/// The product packed once, and projects that restore it from a folder feed, each in a folder outside the repository
/// and with a packages folder of its own.
/// </summary>
public sealed class Package : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("slabgen-package-").FullName;

    public Package()
    {
        // A version that no cache of packages can have.
        Version = "0.1.0-test." + DateTime.UtcNow.Ticks.ToString(CultureInfo.InvariantCulture);
        Run("dotnet", RepositoryRoot, "pack", Path.Combine("src", "SlabGen"), "-c", "Release", "-o", Feed, $"-p:Version={Version}", "-p:ArtifactsPath=" + Path.Combine(_folder, "artifacts"), ReadyToRun)
            .MustSucceed();
    }

    public static string RepositoryRoot { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;

    public string Version { get; }

    /// <summary>The platform that the package has compiled code for; empty where the tests run on none of those it may be compiled for.</summary>
    public static string Platform { get; } = RuntimeInformation.RuntimeIdentifier is "linux-x64" or "linux-arm64" or "win-x64" or "osx-arm64" ? RuntimeInformation.RuntimeIdentifier : "";

    // One platform is enough to see that it works.
    private static string ReadyToRun => Platform.Length == 0 ? "-p:ReadyToRun=false" : $"-p:ReadyToRunPlatforms={Platform}";

    public string Feed => Path.Combine(_folder, "feed");

    public string File => Path.Combine(Feed, $"SlabGen.{Version}.nupkg");

    /// <summary>The package's description of itself.</summary>
    public string Nuspec
    {
        get
        {
            using ZipArchive zip = ZipFile.OpenRead(File);
            using var reader = new StreamReader(zip.GetEntry("SlabGen.nuspec")!.Open());
            return reader.ReadToEnd();
        }
    }

    /// <summary>Copies a consumer project out of the test's folder, and points it at the feed.</summary>
    public string CopyConsumer(string name, string copyAs)
    {
        string folder = Path.Combine(_folder, copyAs);
        Copy(Path.Combine(AppContext.BaseDirectory, "Consumers", name), folder);

        System.IO.File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
            <configuration>
              <packageSources><add key="folder" value="{Feed}" /></packageSources>
            </configuration>
            """);
        return folder;
    }

    /// <summary>Copies what the package is built from.</summary>
    public string CopySources()
    {
        string folder = Path.Combine(_folder, "sources");
        foreach (string part in new[] { "src", "generators" })
        {
            Copy(Path.Combine(RepositoryRoot, part), Path.Combine(folder, part));
        }

        foreach (string file in new[] { "Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig", "README.md" })
        {
            System.IO.File.Copy(Path.Combine(RepositoryRoot, file), Path.Combine(folder, file));
        }

        return folder;
    }

    /// <summary>Runs a dotnet command in a consumer's folder, with the version of the package under test.</summary>
    public CommandResult Dotnet(string folder, params string[] arguments) => Run(
        "dotnet", folder, [.. arguments, $"-p:SlabGenVersion={Version}", $"-p:RestorePackagesPath={Path.Combine(folder, "packages")}"]);

    public static CommandResult Run(string program, string folder, params string[] arguments) => Run(program, folder, ("SLABGEN_DEBUG", null), arguments);

    /// <summary>Runs a command with an environment variable set, or without it.</summary>
    public static CommandResult Run(string program, string folder, (string Name, string? Value) variable, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // leave no build server behind in a folder that goes away
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        start.Environment[variable.Name] = variable.Value; // null: not set, whatever this process has
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {s_patience}.");
        }

        return new CommandResult($"{program} {string.Join(' ', arguments)}", process.ExitCode, output.Result + error.Result);
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            System.IO.File.Copy(file, target);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

/// <summary>What a command printed, and how it ended.</summary>
public sealed record CommandResult(string Command, int ExitCode, string Output)
{
    public CommandResult MustSucceed()
    {
        Assert.True(ExitCode == 0, $"{Command}: exit code {ExitCode}\n{Output}");
        return this;
    }
}
