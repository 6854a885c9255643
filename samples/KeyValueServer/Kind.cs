namespace KeyValueServer;

/// <summary>What is stored under a key.</summary>
internal enum Kind
{
    None,
    String,
    List,
    Hash,
}

/// <summary>Which halves of a hash's fields a reply shows.</summary>
[Flags]
internal enum Parts
{
    Names = 1,
    Values = 2,
}
