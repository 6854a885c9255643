namespace SlabGen.Memory;

/// <summary>The text files in which Linux shows its state: <c>/proc</c> and <c>/sys</c>.</summary>
internal static class SystemFile
{
    /// <summary>The text of a file, without white space at its ends.</summary>
    /// <returns><see langword="null"/> when there is no such file, or it cannot be read.</returns>
    public static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
