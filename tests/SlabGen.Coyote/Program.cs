using System.Diagnostics;
using System.Globalization;
using SlabGen.Coyote;

// SlabGen.Coyote [seconds] [scenario]: rewrites copies of itself and of the library, and runs the scenarios in them.
if (args is ["--rewritten", ..])
{
    return Engine.Run(int.Parse(args[1], CultureInfo.InvariantCulture), args.Length > 2 ? args[2] : null);
}

string seconds = args.Length > 0 ? args[0] : "30";
if (Environment.GetEnvironmentVariable("SLABGEN_COYOTE") is not { Length: > 0 } tool || !File.Exists(tool))
{
    Console.Error.WriteLine("SLABGEN_COYOTE must name the tool: dotnet tool install Microsoft.Coyote.CLI --version 1.7.11 --tool-path DIRECTORY, and it is DIRECTORY/coyote.");
    return 2;
}

string output = Path.Combine(Path.GetTempPath(), $"slabgen-coyote-{Environment.ProcessId}");
try
{
    Directory.CreateDirectory(output);
    string options = Path.Combine(output, "rewrite.json");
    string rewritten = Path.Combine(output, "rewritten");
    File.WriteAllText(options, $$"""
        { "AssembliesPath": "{{AppContext.BaseDirectory}}", "OutputPath": "{{rewritten}}", "Assemblies": ["SlabGen.dll", "SlabGen.Coyote.dll"] }
        """);
    if (Start(tool, "rewrite", options) is not 0 and int failed)
    {
        return failed;
    }

    LockPatch.Apply(Path.Combine(rewritten, "SlabGen.dll"));
    return Start("dotnet", [Path.Combine(rewritten, "SlabGen.Coyote.dll"), "--rewritten", seconds, .. args.Skip(1)]);
}
finally
{
    Directory.Delete(output, recursive: true);
}

static int Start(string program, params string[] arguments)
{
    var start = new ProcessStartInfo(program, arguments);
    start.Environment["DOTNET_ROLL_FORWARD"] = "LatestMajor"; // the tool is made for .NET 8
    start.Environment["COYOTE_CLI_TELEMETRY_OPTOUT"] = "1";
    using Process process = Process.Start(start)!;
    process.WaitForExit();
    return process.ExitCode;
}
