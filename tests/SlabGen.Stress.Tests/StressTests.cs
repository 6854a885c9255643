using System.Globalization;

namespace SlabGen.Stress.Tests;

/// <summary>
/// The stress ends clean: for some seconds as a user's program runs, and with nothing but the last tier; for as long as <c>SLABGEN_STRESS_SECONDS</c>
/// says, when it says more, in every configuration. One configuration after the other.
/// </summary>
public sealed class StressTests
{
    private const double Short = 9;

    private static readonly double s_seconds = double.TryParse(Environment.GetEnvironmentVariable("SLABGEN_STRESS_SECONDS"), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) ? seconds : Short;

    [Theory]
    [InlineData("")]
    [InlineData("DOTNET_TieredCompilation=0")]
    [InlineData("DOTNET_TieredPGO=0")]
    [InlineData("DOTNET_gcServer=1")]
    public async Task Ends_clean(string variable)
    {
        bool isLong = s_seconds > Short;
        Assert.SkipUnless(isLong || variable is "" or "DOTNET_TieredCompilation=0", $"runs when SLABGEN_STRESS_SECONDS is above {Short}");
        string seconds = Math.Min(s_seconds, isLong ? s_seconds : Short).ToString(CultureInfo.InvariantCulture);
        (int exitCode, string tail) = await StressProgram.RunAsync(
            variable.Length == 0 ? [] : [variable], TimeSpan.FromSeconds(s_seconds + 600), "--seconds", seconds, "--round-seconds", isLong ? "3" : "1.5", "--hang-seconds", "120");
        Assert.True(exitCode == 0, $"exit code {exitCode}, {variable}{Environment.NewLine}{tail}");
    }
}
